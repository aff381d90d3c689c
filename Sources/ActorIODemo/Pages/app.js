// The demo's pages. Everything people typed is shown through textContent, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);

const make = (tag, properties = {}, ...children) => {
  const { dataset, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
};

const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

// Same person, same colour, on every page.
const hueOf = (name) => {
  const known = ["john", "jane", "alex"].indexOf(name);
  return known >= 0 ? known : [...name].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 6;
};
const avatar = (name, className = "avatar") =>
  make("span", { className, dataset: { hue: hueOf(name) }, ariaHidden: "true" }, name.slice(0, 1).toUpperCase());

const leave = (why) => location.replace(`/login?${why}`);

// ---- login page

function startLogin() {
  const why = location.search.slice(1).split("=")[0];
  for (const notice of document.querySelectorAll(".notice")) notice.hidden = notice.id !== why;
  if (why === "failed") $("username").setAttribute("aria-invalid", "true");
  // A reload should not tell the same news again.
  if (why) history.replaceState(null, "", "/login");

  for (const button of document.querySelectorAll("[data-account]")) {
    button.addEventListener("click", () => {
      $("username").value = button.dataset.account;
      $("password").value = "changeit";
      $("submit").focus();
    });
  }
}

// ---- chat page

function startChat() {
  const socket = io();
  const state = { me: null, messages: new Map(), people: [], devices: [], leaving: false };

  showConnection(socket, state);
  showMe(socket, state);
  showChat(socket, state);
  showTyping(socket, state);
  showPeople(socket, state);
  showDevices(socket, state);
  switchViews();
}

// Header, banner, transport badge, and the way out when the session ends.
function showConnection(socket, state) {
  const show = (name, text) => {
    document.body.dataset.link = $("link").dataset.state = name;
    $("link-text").textContent = text;
  };
  const showTransport = (name) => {
    $("transport").dataset.name = name || "none";
    $("transport").setAttribute("aria-label", `Transport: ${name || "not connected"}`);
  };
  let patience;
  const lost = () => {
    show("lost", "Reconnecting");
    showTransport();
    // A blink of the network is not worth a banner.
    clearTimeout(patience);
    patience = setTimeout(() => { $("banner").hidden = socket.connected; }, 400);
  };

  const watch = () => {
    const { engine } = socket.io;
    showTransport(engine.transport.name);
    engine.on("upgrade", (transport) => showTransport(transport.name));
  };
  socket.io.on("open", watch);

  socket.on("connect", () => {
    clearTimeout(patience);
    show("live", "Live");
    $("banner").hidden = true;
  });
  socket.on("disconnect", (reason) => {
    if (reason === "io client disconnect") return;
    // The server ends a socket on purpose only when its login session has ended.
    if (reason !== "io server disconnect") lost();
    else if (!state.leaving) leave("ended");
  });
  socket.on("connect_error", (error) => {
    if (error.description === 401 || !socket.active) leave("ended");
    else lost();
  });
  $("retry").addEventListener("click", () => socket.disconnect().connect());

  $("logout").addEventListener("click", async () => {
    state.leaving = true;
    $("logout").disabled = true;
    // Once leaving, stay so: the socket's own goodbye may come behind the answer.
    if (await post("/logout")) leave("signed-out");
    else state.leaving = false;
    $("logout").disabled = false;
  });
}

// True when the server agreed; otherwise the reason is on the page.
async function post(path) {
  $("trouble").hidden = true;
  try {
    const response = await fetch(path, { method: "POST" });
    if (response.status === 401) leave("ended");
    if (response.ok) return true;
    $("trouble").textContent = `The server refused (${response.status}). Please try again.`;
  } catch {
    $("trouble").textContent = "The server can not be reached right now. Please try again.";
  }
  $("trouble").hidden = false;
  return false;
}

function showMe(socket, state) {
  socket.on("connect", async () => {
    try {
      state.me = await socket.timeout(10000).emitWithAck("whoami");
    } catch {
      return; // the next connect asks again
    }
    const { name, device } = state.me;
    $("me-name").textContent = name;
    $("me-session").textContent = device;
    $("me-avatar").dataset.hue = hueOf(name);
    $("me-avatar").textContent = name.slice(0, 1).toUpperCase();
    document.title = `${name} · ActorIO demo`;
    document.dispatchEvent(new Event("me"));
  });
}

// ---- chat: `state.messages` holds what the server said, by id; pending lines stand below

function showChat(socket, state) {
  const { messages } = state;
  const scroll = $("scroll");
  const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
    $("fresh").hidden = true;
  };

  const render = (change) => {
    const wasAtEnd = isAtEnd();
    change();
    // A line belongs to the group above when the same person wrote within three minutes.
    let above = null;
    for (const line of $("log").children) {
      const { from, at } = line.dataset;
      const joins = above && above.from === from && at - above.at < 180000;
      line.classList.toggle("joined", Boolean(joins));
      line.classList.toggle("mine", Boolean(state.me) && from === String(state.me.id));
      above = line.dataset;
    }
    $("empty").hidden = $("log").children.length > 0;
    if (wasAtEnd) toEnd();
    else $("fresh").hidden = false;
  };

  const makeLine = ({ from, name, text, at }) => {
    const when = new Date(at);
    const time = make("time", { dateTime: when.toISOString() },
      when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
    return make("li", { className: "line", dataset: { from, at } },
      avatar(name),
      make("div", { className: "said" },
        make("p", { className: "who" }, make("b", {}, name), " ", time),
        make("p", { className: "bubble", dir: "auto" }, text)));
  };
  // Lines stand in the order of their ids, wherever they come from.
  const add = (message) => {
    if (messages.has(message.id)) return;
    const line = makeLine(message);
    line.dataset.id = message.id;
    messages.set(message.id, line);
    const later = [...$("log").children].find((other) => !other.dataset.id || other.dataset.id > message.id);
    $("log").insertBefore(line, later || null);
  };

  const send = (text) => {
    const line = makeLine({ from: state.me.id, name: state.me.name, text, at: Date.now() });
    line.classList.add("pending");
    render(() => $("log").append(line));
    toEnd();
    socket.timeout(15000).emit("chat message", text, (error, message) => {
      if (message) return render(() => { line.remove(); add(message); });
      line.classList.add("failed");
      line.querySelector(".said").append(make("button", {
        type: "button",
        className: "again",
        textContent: "Not sent. Try again",
        onclick: () => { line.remove(); send(text); },
      }));
    });
  };

  socket.on("connect", () => {
    socket.timeout(10000).emit("chat history", (error, list) => {
      if (error) return;
      // Old news is not read out.
      $("log").setAttribute("aria-live", "off");
      render(() => list.forEach(add));
      setTimeout(() => $("log").setAttribute("aria-live", "polite"), 500);
    });
  });
  socket.on("chat message", (message) => render(() => add(message)));
  document.addEventListener("me", () => render(() => {}));

  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("text").value.trim();
    if (!text || !state.me) return;
    $("text").value = "";
    send(text);
  });
  $("fresh").addEventListener("click", () => {
    toEnd();
    $("text").focus();
  });
  scroll.addEventListener("scroll", () => { if (isAtEnd()) $("fresh").hidden = true; });
  addEventListener("resize", () => { if ($("fresh").hidden) toEnd(); });
}

function showTyping(socket, state) {
  const typing = new Map(); // user id → { name, timer }
  let said = 0;
  const show = () => {
    const names = [...typing.values()].map(({ name }) => name);
    $("typing").classList.toggle("on", names.length > 0);
    if (names.length > 0) {
      $("typing-text").textContent = `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing`;
    }
  };
  const stop = (id) => {
    if (!typing.has(id)) return;
    clearTimeout(typing.get(id).timer);
    typing.delete(id);
    show();
  };

  socket.on("typing", ({ id, name }) => {
    if (state.me && id === state.me.id) return;
    stop(id);
    typing.set(id, { name, timer: setTimeout(stop, 3000, id) });
    show();
  });
  socket.on("chat message", ({ from }) => stop(from));

  $("text").addEventListener("input", () => {
    if (!$("text").value.trim() || Date.now() - said < 1500) return;
    said = Date.now();
    socket.volatile.emit("typing");
  });
  $("composer").addEventListener("submit", () => { said = 0; });
}

function showPeople(socket, state) {
  // Who reloads a page or loses the network for a moment stays online without a tab.
  const makePerson = ({ id, name, isOnline, sockets, devices }) => {
    const isMe = state.me && state.me.id === id;
    const here = sockets > 0 ? `${plural(sockets, "tab")} on ${plural(devices, "device")}` : "reconnecting";
    const where = isOnline ? here : "offline";
    return make("li", { className: isOnline ? "row person" : "row person off", dataset: { name, sockets, devices } },
      avatar(name),
      make("div", { className: "grow" },
        make("p", {}, make("b", {}, name), isMe ? make("span", { className: "tag" }, "you") : ""),
        make("p", { className: "sub" }, where)));
  };
  const render = () => {
    const online = state.people.filter(({ isOnline }) => isOnline);
    const offline = state.people.filter(({ isOnline }) => !isOnline);
    $("people").replaceChildren(...[...online, ...offline].map(makePerson));
    $("people-note").textContent = `${online.length} online`;
    $("people-count").textContent = online.length;
  };
  // Said aloud instead of the whole list: who came, who left.
  const tell = (before, after) => {
    const wasOnline = new Map(before.map(({ id, isOnline }) => [id, isOnline]));
    const news = after.filter(({ id, isOnline }) => wasOnline.has(id) && wasOnline.get(id) !== isOnline);
    if (news.length === 0) return;
    $("people-news").textContent =
      news.map(({ name, isOnline }) => `${name} is ${isOnline ? "online" : "offline"}`).join(", ");
  };
  socket.on("presence", (people) => {
    tell(state.people, people);
    state.people = people;
    render();
  });
  document.addEventListener("me", render);
}

function showDevices(socket, state) {
  const makeDevice = ({ id, agent, since, sockets }) => {
    const { label, isPhone } = describe(agent);
    const isCurrent = id === state.me.device;
    const end = make("button", { type: "button", className: "button", textContent: "Sign out" });
    end.setAttribute("aria-label", `Sign out ${label}, signed in ${ago(since)}`);
    end.addEventListener("click", async () => {
      end.disabled = true;
      if (!await post(`/devices/${encodeURIComponent(id)}/logout`)) end.disabled = false;
    });
    const icon = $(isPhone ? "icon-phone" : "icon-desktop").content.cloneNode(true);
    const open = sockets > 0 ? plural(sockets, "open tab") : "no open tab";
    return make("li", { className: "row device", dataset: { id, sockets, current: isCurrent } },
      make("span", { className: "icon" }, icon),
      make("div", { className: "grow" },
        make("p", {}, make("b", {}, label)),
        make("p", { className: "sub" }, `${open}, signed in ${ago(since)}`)),
      isCurrent ? make("span", { className: "tag" }, "this device") : end);
  };
  const render = () => {
    if (!state.me) return;
    const isMine = ({ id }) => id === state.me.device;
    const list = [...state.devices].sort((a, b) => isMine(b) - isMine(a) || b.since - a.since);
    const focused = document.activeElement && document.activeElement.closest(".device");
    $("devices").replaceChildren(...list.map(makeDevice));
    // The list is made anew under the user's fingers: keep the focus on the same device.
    if (focused) {
      const same = [...$("devices").children].find(({ dataset }) => dataset.id === focused.dataset.id);
      (same && same.querySelector("button") || $("text")).focus();
    }
    $("others").hidden = list.length < 2;
    $("alone").hidden = list.length !== 1;
  };

  socket.on("devices", (devices) => {
    state.devices = devices;
    render();
  });
  document.addEventListener("me", render);
  setInterval(render, 30000);
  $("others").addEventListener("click", async () => {
    $("others").disabled = true;
    await post("/devices/logout-others");
    $("others").disabled = false;
  });
}

const ago = (since) => {
  const minutes = Math.floor((Date.now() - since) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${plural(Math.floor(minutes / 60), "hour")} ago`;
  return `${plural(Math.floor(minutes / 1440), "day")} ago`;
};

// A browser's name hides among the names of those it wants to be taken for: first match counts.
const describe = (agent = "") => {
  const find = (table) => (table.find(([pattern]) => pattern.test(agent)) || [])[1];
  const browser = find([
    [/Edg(e|A|iOS)?\//, "Edge"], [/OPR\/|Opera/, "Opera"], [/SamsungBrowser\//, "Samsung Internet"],
    [/Firefox\/|FxiOS\//, "Firefox"], [/Chrome\/|CriOS\/|Chromium\//, "Chrome"], [/Safari\//, "Safari"],
  ]) || agent.split(/[\s/]/)[0].slice(0, 30) || "Unknown client";
  const system = find([
    [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/CrOS/, "ChromeOS"],
    [/Windows/, "Windows"], [/Mac OS X|Macintosh/, "macOS"], [/Linux|X11/, "Linux"],
  ]);
  return { label: system ? `${browser} on ${system}` : browser, isPhone: /iPhone|Android/.test(agent) };
};

// On narrow screens one room at a time.
function switchViews() {
  const buttons = document.querySelectorAll(".views button");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      document.body.dataset.view = button.dataset.view;
      for (const other of buttons) other.setAttribute("aria-current", String(other === button));
      dispatchEvent(new Event("resize")); // the chat scrolls to its end when it is shown again
    });
  }
}

if (document.body.dataset.page === "login") startLogin();
else startChat();
