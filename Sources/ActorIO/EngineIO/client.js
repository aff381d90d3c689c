/*
 * ActorIO's browser client: Engine.IO 4 and Socket.IO 5 over fetch and WebSocket.
 * socket.io.js is a classic script that defines `io`; socket.io.esm.js exports it as well.
 */
var io = (() => {
  "use strict";

  const CONNECT = 0, DISCONNECT = 1, EVENT = 2, ACK = 3, CONNECT_ERROR = 4, BINARY = 5;
  const RESERVED = /^(connect|connect_error|disconnect|disconnecting|newListener|removeListener)$/;
  const SEPARATOR = "\x1e"; // between the packets of one polling payload

  // A handler that throws is reported, and must not take the connection with it.
  const call = (fn, self, args) => {
    try {
      fn.apply(self, args);
    } catch (error) {
      setTimeout(() => { throw error; });
    }
  };

  class Emitter {
    constructor() {
      this._listeners = {};
    }
    listeners(name) {
      return this._listeners["$" + name] || [];
    }
    hasListeners(name) {
      return this.listeners(name).length > 0;
    }
    on(name, fn) {
      this._listeners["$" + name] = [...this.listeners(name), fn];
      return this;
    }
    once(name, fn) {
      const wrapper = (...args) => {
        this.off(name, wrapper);
        fn.apply(this, args);
      };
      wrapper.fn = fn;
      return this.on(name, wrapper);
    }
    off(name, fn) {
      const list = this.listeners(name);
      const at = list.findIndex((entry) => entry === fn || entry.fn === fn);
      if (name === undefined) this._listeners = {};
      else this._listeners["$" + name] = list.filter((_, index) => fn && index !== at);
      return this;
    }
    _fire(name, ...args) {
      for (const fn of this.listeners(name)) call(fn, this, args);
    }
  }

  // ---- bytes: a Blob measures and reads texts, buffers, views and blobs alike

  const isBinary = (value) =>
    value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof Blob;
  const sizeOf = (packet) => new Blob([packet]).size * (typeof packet === "string" ? 1 : 1.34);

  const toBase64 = async (value) => {
    const bytes = new Uint8Array(await new Blob([value]).arrayBuffer());
    let text = "";
    // In slices: an argument list has a length limit.
    for (let at = 0; at < bytes.length; at += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    }
    return btoa(text);
  };
  const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;

  // ---- Socket.IO packets: type [attachments "-"] [namespace ","] [id] [json]

  // One text, then the attachments that must follow it without a gap.
  const encode = (type, nsp, id = "", data) => {
    const attachments = [];
    const json = JSON.stringify(data, function (key, value) {
      const original = this[key]; // not what toJSON made of it
      return isBinary(original) ? { _placeholder: true, num: attachments.push(original) - 1 } : value;
    });
    const head = attachments.length ? `${type + 3}${attachments.length}-` : type;
    return [`${head}${nsp === "/" ? "" : nsp + ","}${id}${json || ""}`, ...attachments];
  };

  const GRAMMAR = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d*)([^]*)$/;

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isValid = (type, id, data) => {
    switch (type) {
      case CONNECT: return data === undefined || isObject(data);
      case DISCONNECT: return data === undefined;
      case CONNECT_ERROR: return isObject(data) || typeof data === "string";
      case ACK: return id && Array.isArray(data);
      default:
        return Array.isArray(data) && /string|number/.test(typeof data[0]) && !RESERVED.test(data[0]);
    }
  };

  // Returns a function for what arrives; it throws what is malformed.
  const makeDecoder = (deliver) => {
    let waiting = null; // the packet whose attachments are to come
    return (message) => {
      if (typeof message === "string") {
        const match = !waiting && GRAMMAR.exec(message);
        if (!match || match[1] >= BINARY !== !!match[2]) throw new Error("malformed packet");
        waiting = { match, attachments: [] };
      } else {
        waiting.attachments.push(message);
      }
      const { match: [, kind, count, nsp = "/", id, json], attachments } = waiting;
      if (attachments.length < (count || 0)) return;
      waiting = null;
      const type = kind >= BINARY ? kind - 3 : +kind;
      const data = json ? JSON.parse(json, kind < BINARY ? undefined : (key, value) => {
        if (!value || value._placeholder !== true) return value;
        if (!(attachments[value.num] instanceof ArrayBuffer)) throw new Error("malformed packet");
        return attachments[value.num];
      }) : undefined;
      if (!isValid(type, id, data)) throw new Error("malformed packet");
      deliver({ type, nsp, id, data });
    };
  };

  // ---- Engine.IO transports

  const transportError = (message, description, context) =>
    Object.assign(new Error(message), { type: "TransportError", description, context });

  class Polling {
    constructor(engine) {
      this.name = "polling";
      this.engine = engine;
      this.abort = new AbortController();
      this.get = this.post = null; // the running requests: never two of a kind
    }
    get writable() {
      return !this.post;
    }
    async request(body, life = { signal: this.abort.signal }) {
      const { extraHeaders: headers, withCredentials } = this.engine.opts;
      const credentials = withCredentials ? "include" : "same-origin";
      const method = body ? "POST" : "GET";
      let status = 0, context;
      try {
        const response = await fetch(this.engine.url("polling"),
          { method, body, headers, credentials, cache: "no-store", ...life });
        status = response.status;
        const responseText = await response.text();
        if (response.ok) return responseText;
        context = { status, responseText };
      } catch (error) {
        context = error;
      }
      throw transportError(`xhr ${body ? "post" : "poll"} error`, status, context);
    }
    failed(error) {
      if (!this.abort.signal.aborted) this.engine.end("transport error", error);
    }
    open() {
      const { engine } = this;
      this.get = this.request().then((text) => {
        this.get = null;
        for (const packet of text.split(SEPARATOR)) engine.receive(packet);
        if (engine.readyState === "open" && !engine.upgrading) this.open();
      }).catch((error) => this.failed(error));
    }
    send(packets) {
      this.post = this.write(packets).then(() => {
        this.post = null;
        this.engine.flush();
      }).catch((error) => this.failed(error));
    }
    async write(packets) {
      const texts = packets.map(async (packet) => isBinary(packet) ? "b" + await toBase64(packet) : packet);
      await this.request((await Promise.all(texts)).join(SEPARATOR));
    }
    // Says goodbye with what is still to be sent.
    async close(packets) {
      await this.post;
      if (this.engine.id) await this.write([...packets, "1"]).catch(() => {});
      this.drop();
    }
    drop() {
      this.abort.abort();
    }
    // Only a keepalive request outlives the page.
    vanish() {
      this.drop();
      this.request("1", { keepalive: true }).catch(() => {});
    }
  }

  class Streaming {
    constructor(engine) {
      this.name = "websocket";
      this.engine = engine;
      this.ws = new WebSocket(engine.url("websocket"));
      this.ws.binaryType = "arraybuffer";
    }
    // Volatile events are dropped while this much waits for the network.
    get writable() {
      return this.ws.readyState === 1 && this.ws.bufferedAmount < 0x10000;
    }
    open() {
      const { ws, engine } = this;
      ws.onmessage = ({ data }) => engine.receive(data);
      // The error event says nothing, and this one always follows it.
      ws.onclose = (context) => engine.end("transport close", engine.readyState === "opening"
        ? transportError("websocket error", context.code, context)
        : { description: "websocket connection closed", context });
    }
    send(packets) {
      for (const packet of packets) this.ws.send(packet);
    }
    close(packets) {
      if (this.ws.readyState === 1) this.send(packets);
      this.drop();
    }
    drop() {
      this.ws.onopen = this.ws.onmessage = this.ws.onclose = null;
      this.ws.close();
    }
    vanish() {
      this.drop();
    }
  }

  // One Engine.IO session. It ends with the event "close", or "error" when it never opened.
  class Engine extends Emitter {
    constructor(base, opts) {
      super();
      this.base = base;
      this.opts = opts;
      this.readyState = "opening";
      this.upgrading = false;
      this.buffer = [];
      // Later: the manager wants to listen first.
      Promise.resolve().then(() => {
        if (this.readyState === "closed") return;
        this.transport = opts.transports[0] === "websocket" ? new Streaming(this) : new Polling(this);
        this.transport.open();
      }).catch((error) => this.end("transport error", error));
    }
    url(transport) {
      const query = new URLSearchParams({ ...this.opts.query, EIO: 4, transport });
      if (this.id) query.set("sid", this.id);
      return `${transport === "polling" ? this.base : this.base.replace("http", "ws")}?${query}`;
    }
    get writable() {
      return this.readyState === "open" && !this.upgrading && this.transport.writable;
    }
    // Timers sleep with the machine; this tells at once that the last ping is too old.
    get expired() {
      return Date.now() > this.deadline;
    }

    receive(packet) {
      if (this.readyState === "closed") return;
      try {
        this.read(packet);
      } catch (error) {
        this.end("parse error", error);
      }
    }
    read(packet) {
      const type = packet[0];
      if (this.readyState === "opening") {
        if (type !== "0") throw new Error("malformed handshake");
        return this.opened(JSON.parse(packet.slice(1)));
      }
      if (typeof packet !== "string") this.onmessage(packet);
      else if (type === "4") this.onmessage(packet.slice(1));
      else if (type === "b") this.onmessage(fromBase64(packet.slice(1)));
      else if (type === "1") this.end("transport close", { description: "closed by the server" });
      else if (type === "2") {
        this.watch();
        this.send(["3"]);
        this._fire("ping");
      } else if (!/^[0356]/.test(packet)) throw new Error("malformed packet"); // those are ignored
    }
    opened({ sid, upgrades, pingInterval, pingTimeout, maxPayload }) {
      this.id = sid;
      this.patience = pingInterval + pingTimeout;
      this.maxPayload = maxPayload || Infinity;
      if (!sid || !(this.patience > 0)) throw new Error("malformed handshake");
      this.readyState = "open";
      this.watch();
      this._fire("open");
      const { opts, transport } = this;
      const offered = opts.upgrade && [opts.transports, upgrades].every((list) => list.includes("websocket"));
      if (offered && transport.name === "polling" && typeof WebSocket === "function") this.probe();
    }
    watch() {
      clearTimeout(this.watchdog);
      this.deadline = Date.now() + this.patience;
      this.watchdog = setTimeout(() => this.end("ping timeout"), this.patience);
    }

    // When the probe is answered, polling pauses: what runs may end, nothing starts. Only then "5"
    // is sent, so that no message overtakes another.
    probe() {
      if (this.readyState !== "open") return;
      const polling = this.transport;
      const probe = (this.probing = new Streaming(this));
      const failed = () => {
        this.dropProbe();
        if (this.upgrading && !polling.get) polling.open();
        this.upgrading = false;
        this.flush();
        this._fire("upgradeError", transportError("probe error"));
      };
      probe.ws.onopen = () => probe.send(["2probe"]);
      probe.ws.onclose = failed;
      probe.ws.onmessage = async ({ data }) => {
        if (data !== "3probe" || this.upgrading) return failed();
        this.upgrading = true;
        await Promise.all([polling.get, polling.post]);
        if (this.probing !== probe) return;
        this.probing = null;
        this.upgrading = false;
        this.transport = probe;
        probe.open();
        probe.send(["5"]);
        this.flush();
        this._fire("upgrade", probe);
      };
    }
    dropProbe() {
      if (this.probing) this.probing.drop();
      this.probing = null;
    }

    send(packets) {
      this.buffer.push(...packets);
      // At the end of the turn: what is emitted together travels together.
      Promise.resolve().then(() => this.flush());
    }
    flush() {
      const { buffer, transport } = this;
      if (!buffer.length || this.readyState !== "open" || this.upgrading) return;
      if (transport.name === "websocket") transport.send(buffer.splice(0));
      else if (transport.writable) transport.send(buffer.splice(0, this.fitting()));
    }
    // How many packets fit into one POST: one always does.
    fitting() {
      let size = 1;
      const excess = this.buffer.findIndex((packet, index) => {
        size += sizeOf(packet) + (index && 2);
        return index > 0 && size > this.maxPayload;
      });
      return excess < 0 ? this.buffer.length : excess;
    }

    // Closed by the user: polite towards the server.
    close() {
      if (this.readyState === "closed") return;
      this.release();
      if (this.transport) this.transport.close(this.buffer.splice(0));
      this._fire("close", "forced close");
    }
    end(reason, details) {
      if (this.readyState === "closed") return;
      const wasOpen = this.readyState === "open";
      this.release();
      if (this.transport) this.transport.drop();
      if (wasOpen) this._fire("close", reason, details);
      else this._fire("error", details instanceof Error ? details : new Error(reason));
    }
    release() {
      this.readyState = "closed";
      clearTimeout(this.watchdog);
      this.dropProbe();
    }
  }

  // ---- Manager: one connection, its namespaces, its reconnection

  const live = new Set(); // managers that have or want a connection

  class Manager extends Emitter {
    constructor(uri, opts) {
      super();
      this.opts = {
        path: "/socket.io",
        transports: ["polling", "websocket"],
        upgrade: true,
        reconnection: true,
        reconnectionAttempts: Infinity,
        reconnectionDelay: 1000,
        reconnectionDelayMax: 5000,
        randomizationFactor: 0.5,
        timeout: 20000,
        autoConnect: true,
        ...opts,
      };
      this.uri = parse(uri).origin;
      this._sockets = new Map();
      this._readyState = "closed";
      this._attempts = 0;
      this._reconnecting = false;
      if (this.opts.autoConnect) this.open();
    }

    socket(nsp, opts) {
      if (!this._sockets.has(nsp)) this._sockets.set(nsp, new Socket(this, nsp, opts));
      const socket = this._sockets.get(nsp);
      if (this.opts.autoConnect) socket.connect();
      return socket;
    }

    open(done) {
      if (this._readyState !== "closed") return this;
      const { path, timeout } = this.opts;
      const engine = (this.engine = new Engine(this.uri + path.replace(/\/?$/, "/"), this.opts));
      this._readyState = "opening";
      this._stopped = false;
      live.add(this);
      const timer = timeout && setTimeout(() => engine.end("timeout"), timeout);
      engine.on("error", (error) => {
        clearTimeout(timer);
        this._readyState = "closed";
        this._each((socket) => socket._fire("connect_error", error));
        this._fire("error", error);
        if (done) done(error);
        else this._retry();
      });
      engine.on("open", () => {
        clearTimeout(timer);
        this._readyState = "open";
        this._fire("open");
        this._each((socket) => socket._greet());
        if (done) done();
      });
      engine.onmessage = makeDecoder((packet) => this._deliver(packet));
      engine.on("ping", () => this._fire("ping"));
      engine.on("close", (reason, details) => {
        this._attempts = 0;
        this._reconnecting = false;
        this._closed(reason, details);
        this._retry();
      });
      return this;
    }
    _deliver(packet) {
      const socket = this._sockets.get(packet.nsp);
      if (socket && socket.active) socket._receive(packet);
      // CONNECT was answered after disconnect(): leave, or the server believes us there.
      else if (packet.type === CONNECT) this._write(encode(DISCONNECT, packet.nsp));
    }
    _write([text, ...attachments]) {
      if (this._readyState === "open") this.engine.send(["4" + text, ...attachments]);
    }
    _each(body) {
      for (const socket of [...this._sockets.values()]) if (socket.active) body(socket);
    }
    _closed(reason, details) {
      this._readyState = "closed";
      this._each((socket) => socket._closed(reason, details));
      this._fire("close", reason, details);
    }

    _retry() {
      const { reconnection, reconnectionAttempts } = this.opts;
      if (!reconnection || this._reconnecting || this._stopped || this._readyState !== "closed") return;
      if (this._attempts >= reconnectionAttempts) {
        this._attempts = 0;
        return this._fire("reconnect_failed");
      }
      this._reconnecting = true;
      this._timer = setTimeout(() => this._hurry(), this._delay());
    }
    // Doubles each time, with a random part so that clients do not return as a herd.
    _delay() {
      const { reconnectionDelay, reconnectionDelayMax, randomizationFactor } = this.opts;
      const jitter = 1 + randomizationFactor * (2 * Math.random() - 1);
      return Math.min(reconnectionDelay * 2 ** this._attempts++ * jitter, reconnectionDelayMax);
    }
    // Ends the wait for the next attempt, if there is one.
    _hurry() {
      if (!this._timer) return false;
      this._cancel();
      this._fire("reconnect_attempt", this._attempts);
      if (!this._stopped) this.open((error) => this._attempted(error));
      return true;
    }
    _cancel() {
      clearTimeout(this._timer);
      this._timer = null;
    }
    _attempted(error) {
      if (this._stopped) return;
      this._reconnecting = false;
      if (error) {
        this._retry();
        return this._fire("reconnect_error", error);
      }
      const attempts = this._attempts;
      this._attempts = 0;
      this._fire("reconnect", attempts);
    }

    close() {
      live.delete(this);
      this._cancel();
      this._stopped = true;
      this._reconnecting = false;
      this._attempts = 0;
      if (this._readyState !== "closed") this.engine.close();
    }
  }
  Manager.prototype.connect = Manager.prototype.open;
  Manager.prototype.disconnect = Manager.prototype.close;

  // ---- Socket: one namespace

  class Socket extends Emitter {
    constructor(manager, nsp, opts = {}) {
      super();
      this.io = manager;
      this.nsp = nsp;
      this.auth = opts.auth;
      this.active = this.connected = this.recovered = false;
      this.sendBuffer = [];
      this.receiveBuffer = [];
      this._ackTimeout = opts.ackTimeout;
      this._acks = new Map();
      this._ids = 0;
      this._flags = {};
      this._any = new Emitter();
    }
    get disconnected() {
      return !this.connected;
    }
    get volatile() {
      this._flags.volatile = true;
      return this;
    }
    timeout(milliseconds) {
      this._flags.timeout = milliseconds;
      return this;
    }

    connect() {
      if (this.active) return this;
      this.active = true;
      if (this.io._readyState === "open") this._greet();
      else if (!this.io._hurry()) this.io.open();
      return this;
    }
    disconnect() {
      if (this.connected) this.io._write(encode(DISCONNECT, this.nsp));
      this._leave("io client disconnect");
      return this;
    }
    // The connection ends with its last namespace.
    _leave(reason) {
      this.active = false;
      if (![...this.io._sockets.values()].some((socket) => socket.active)) this.io.close();
      this._closed(reason);
    }

    emit(...args) {
      if (RESERVED.test(args[0])) throw new Error(`"${args[0]}" is a reserved event name`);
      const { volatile, timeout = this._ackTimeout } = this._flags;
      this._flags = {};
      const packet = { args };
      if (typeof args[args.length - 1] === "function") {
        packet.id = this._ids++;
        this._expect(packet, args.pop(), timeout);
      }
      packet.parts = encode(EVENT, this.nsp, packet.id, args);
      const { engine } = this.io;
      const ready = this.connected && !engine.expired;
      if (ready && (!volatile || engine.writable)) this._send(packet);
      else if (!volatile) this.sendBuffer.push(packet);
      return this;
    }
    send(...args) {
      return this.emit("message", ...args);
    }
    emitWithAck(...args) {
      return new Promise((resolve, reject) => {
        const settle = (error, value) => (error ? reject(error) : resolve(value));
        settle.withError = true;
        this.emit(...args, settle);
      });
    }
    _send(packet) {
      this._any._fire("out", ...packet.args);
      this.io._write(packet.parts);
    }
    _expect(packet, fn, timeout) {
      const entry = { fn, packet, withError: fn.withError || timeout !== undefined };
      this._acks.set(packet.id, entry);
      if (timeout === undefined) return;
      entry.timer = setTimeout(() => {
        this.sendBuffer = this.sendBuffer.filter((other) => other !== packet);
        this._settle(packet.id, new Error("operation has timed out"));
      }, timeout);
    }
    _settle(id, error, args = []) {
      const { fn, timer, withError } = this._acks.get(id) || {};
      if (!this._acks.delete(id)) return; // unknown, or answered before
      clearTimeout(timer);
      if (withError) call(fn, this, [error, ...args]);
      else if (!error) call(fn, this, args);
    }

    onAny(fn) {
      this._any.on("in", fn);
      return this;
    }
    offAny(fn) {
      this._any.off("in", fn);
      return this;
    }
    onAnyOutgoing(fn) {
      this._any.on("out", fn);
      return this;
    }
    offAnyOutgoing(fn) {
      this._any.off("out", fn);
      return this;
    }

    // Sends CONNECT, with what recovers a broken connection.
    _greet() {
      const { engine } = this.io;
      const send = (auth) => {
        // An auth function may answer when this connection is history.
        if (!this.active || this.connected || this.io.engine !== engine) return;
        const data = this._pid ? { pid: this._pid, offset: this._offset, ...auth } : auth;
        this.io._write(encode(CONNECT, this.nsp, "", data));
      };
      if (typeof this.auth === "function") call(this.auth, this, [send]);
      else send(this.auth);
    }
    _receive({ type, id, data }) {
      if (type === EVENT) {
        if (id) data.push(this._replier(id));
        if (this.connected) this._dispatch(data);
        else this.receiveBuffer.push(data);
      } else if (type === ACK) {
        this._settle(+id, null, data);
      } else if (type === DISCONNECT) {
        this._leave("io server disconnect");
      } else if (type === CONNECT_ERROR) {
        this._leave();
        const error = new Error(isObject(data) ? data.message : data);
        error.data = data.data;
        this._fire("connect_error", error);
      } else if (data && data.sid) {
        this._joined(data);
      } else {
        this._fire("connect_error", new Error("the server speaks another protocol version"));
      }
    }
    _replier(id) {
      const { engine } = this.io;
      let answered = false;
      return (...args) => {
        if (answered || this.io.engine !== engine) return;
        answered = true;
        this.io._write(encode(ACK, this.nsp, id, args));
      };
    }
    _joined({ sid, pid }) {
      this.id = sid;
      this.recovered = !!pid && this._pid === pid;
      this._pid = pid;
      this.connected = true;
      // What was missed comes first, then what waited here, then "connect".
      for (const args of this.receiveBuffer.splice(0)) this._dispatch(args);
      for (const packet of this.sendBuffer.splice(0)) this._send(packet);
      this._fire("connect");
    }
    _dispatch(args) {
      this._any._fire("in", ...args);
      this._fire(...args);
      const last = args[args.length - 1];
      if (this._pid && typeof last === "string") this._offset = last;
    }
    _closed(reason, details) {
      this.receiveBuffer = [];
      if (!this.connected) return;
      this.connected = false;
      this.id = undefined;
      this._fire("disconnect", reason, details);
      for (const [id, { packet }] of [...this._acks]) {
        if (!this.sendBuffer.includes(packet)) this._settle(id, new Error("socket has been disconnected"));
      }
    }
  }
  Socket.prototype.open = Socket.prototype.connect;
  Socket.prototype.close = Socket.prototype.disconnect;

  // ---- the page's life

  const hear = (name, body) => {
    if (typeof addEventListener !== "function") return;
    addEventListener(name, (event) => live.forEach((manager) => body(manager.engine, manager, event)));
  };
  const awake = (engine, manager) => {
    if (!manager._hurry() && engine.expired) engine.end("ping timeout");
  };
  hear("online", awake);
  hear("visibilitychange", (...args) => document.visibilityState === "visible" && awake(...args));
  hear("offline", (engine) => engine.end("transport close", { description: "network connection lost" }));
  hear("pagehide", ({ readyState, transport }) => readyState === "open" && transport.vanish());
  // Back from the browser's cache.
  hear("pageshow", (engine, _, { persisted }) => persisted && engine.end("transport close"));

  // ---- io()

  // [scheme] [host] [/namespace] [?query]; what is missing is the page's own.
  const parse = (uri = "") => {
    const [, scheme, host, nsp = "/", query] =
      /^(?:(https?|wss?):)?(?:\/\/)?([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?/.exec(uri);
    const page = typeof location === "object" ? location : { protocol: "http:" };
    const secure = /^(https|wss)/.test(scheme || page.protocol);
    return {
      origin: `http${secure ? "s" : ""}://${host || page.host || "localhost"}`,
      nsp,
      query: query && Object.fromEntries(new URLSearchParams(query)),
    };
  };

  const managers = new Map();

  const io = (uri, opts = {}) => {
    if (isObject(uri)) [uri, opts] = ["", uri];
    const { origin, nsp, query } = parse(uri);
    const key = `${origin} ${opts.path}`;
    let manager = managers.get(key);
    // A namespace can be joined only once per connection.
    const own = opts.forceNew || opts.multiplex === false || (manager && manager._sockets.has(nsp));
    if (own || !manager) manager = new Manager(origin, { query, ...opts });
    if (!own) managers.set(key, manager);
    return manager.socket(nsp, opts);
  };

  return Object.assign(io, { io, connect: io, Manager, Socket, protocol: 5 });
})();
