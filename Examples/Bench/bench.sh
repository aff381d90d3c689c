#!/usr/bin/env bash
# Measures the server beside the kernel's own cost, one core each for server and load generator.
#
#     SIOLOAD_DIR=…/sioload Examples/Bench/bench.sh [SCENARIO…]
#
# SIOLOAD_DIR holds the load generator and the floor, a server in C that does the least possible work
# per message; `make BUILD=DIR` there builds both. Server and floor take turns, each on a fresh
# process, for ROUNDS rounds (3), and the medians are shown. What to compare is the rate per second
# of the server's CPU time, which says less about what else the machine did.
#
# Ends with 1 when anything was lost, repeated, reordered, refused or broken; rows below what the
# project asks for are marked, and fail the run with STRICT=1.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SIOLOAD_DIR:?"the folder of the load generator, see above"}
rounds=${ROUNDS:-3}
scratch_path=${BENCH_SCRATCH_PATH:-$here/.build}
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT

if [ "$(nproc)" -lt 2 ]; then
    echo "two cores are needed: one for the server, one for the generator" >&2
    exit 2
fi
make --silent -C "$tools" BUILD="$work"
swift build -c release --package-path "$here" --scratch-path "$scratch_path" >&2
bench=$(swift build -c release --package-path "$here" --scratch-path "$scratch_path" --show-bin-path)/Bench

# Ten thousand connections and their server's own.
ulimit -n "$(ulimit -H -n)"

# NAME | TARGET | OPTIONS; a target is the least ratio per CPU second, or the most bytes.
scenarios=(
    "connect 5,000|0.35|--scenario connect --conns 5000 --concurrency 64"
    "echo 100 x 1||--scenario echo --conns 100 --depth 1"
    "echo 1,000 x 10|0.40|--scenario echo --conns 1000 --depth 10"
    "broadcast 1,000 w1 64 B|0.60|--scenario broadcast --conns 1000 --window 1 --size 64"
    "broadcast 1,000 w8 64 B|0.45|--scenario broadcast --conns 1000 --window 8 --size 64"
    "broadcast 1,000 w1 1 KiB|0.60|--scenario broadcast --conns 1000 --window 1 --size 1024"
    "broadcast 1,000 w8 1 KiB|0.45|--scenario broadcast --conns 1000 --window 8 --size 1024"
    "idle 10,000|2000|--scenario idle --conns 10000"
    "echo message-pack 1,000 x 10||--scenario echo --conns 1000 --depth 10 --message-pack"
    "echo recovery 1,000 x 10||--scenario echo --conns 1000 --depth 10 --recovery"
    "broadcast recovery w8 64 B||--scenario broadcast --conns 1000 --window 8 --size 64 --recovery"
)

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# listening PORT: waits until somebody accepts there.
listening() {
    local deadline=$((SECONDS + 20))
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        if [ $SECONDS -gt $deadline ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "the server did not start:" >&2
            cat "$work/server" >&2
            exit 1
        fi
        sleep 0.05
    done
}

# load PORT PROTOCOL OPTIONS…: one run of the generator.
load() {
    local port=$1 protocol=$2
    shift 2
    if [ "$protocol" = message-pack ]; then
        taskset -c 1 timeout 180 python3 "$here/message-pack.py" --port "$port" --server-pid "$pid" "$@"
        return
    fi
    taskset -c 1 timeout 180 "$work/sioload" --port "$port" --proto "$protocol" --src-count 8 \
        --server-pid "$pid" "$@"
}

# measure WHO OPTIONS…: a fresh server, one run; appends the generator's line to the results.
measure() {
    local who=$1 port protocol=sio status=0 option switches=() words=()
    shift
    port=$(free_port)
    # What is the server's to know, and what the generator's.
    for option in "$@"; do
        case $option in
        --message-pack | --recovery) switches+=("$option") ;;
        *) words+=("$option") ;;
        esac
    done
    set -- "${words[@]}"
    if [ "$who" = ours ]; then
        [ "${switches[*]}" != --message-pack ] || protocol=message-pack
        taskset -c 0 "$bench" --port "$port" --loops 1 "${switches[@]}" >"$work/server" 2>&1 </dev/null &
    else
        protocol=ws
        taskset -c 0 "$work/floor" "$port" >"$work/server" 2>&1 </dev/null &
    fi
    pid=$!
    listening "$port"
    case " $* " in
    *" connect "*)
        # The first ones pay for memory that later ones find.
        load "$port" "$protocol" --scenario connect --conns 1000 --concurrency 64 \
            >/dev/null 2>>"$work/errors" || status=$?
        ;;
    *" idle "*) set -- "$@" --secs 3 ;;
    *) set -- "$@" --warmup 0.8 --secs 2.5 ;;
    esac
    load "$port" "$protocol" "$@" >>"$work/$who.$index" 2>>"$work/errors" || status=$?
    [ "$status" -eq 0 ] || echo "$who, $name: the generator ended with $status" >>"$work/failures"
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=
}

wanted="${*:-}"
for round in $(seq "$rounds"); do
    for index in "${!scenarios[@]}"; do
        IFS='|' read -r name target options <<<"${scenarios[$index]}"
        [ -z "$wanted" ] || grep -qF -- "${name%% *}" <<<"$wanted" || continue
        echo "round $round: $name" >&2
        # shellcheck disable=SC2086 # the options are words
        for who in ours floor; do measure "$who" $options; done
    done
done

printf '%s\n' "${scenarios[@]}" >"$work/scenarios"
python3 - "$work" "${STRICT:-}" <<'PYTHON'
import json, os, statistics, sys

work, strict = sys.argv[1], sys.argv[2]
failures, below = [], []
path = os.path.join(work, "failures")
if os.path.exists(path):
    failures += open(path).read().splitlines()


def results(who, index, name):
    path = os.path.join(work, f"{who}.{index}")
    if not os.path.exists(path):
        return []
    runs = [json.loads(line) for line in open(path)]
    for run in runs:
        wrong = {
            key: run[key]
            for key in ("failed", "died", "errors", "lost", "duplicated", "reordered", "stalled")
            if run.get(key)
        }
        if wrong:
            failures.append(f"{who}, {name}: {wrong}")
    return runs


def median(runs, key):
    return statistics.median(run[key] for run in runs)


row = "{:<26}{:>11}{:>11}{:>7}{:>13}{:>13}{:>7}{:>10}"
print(row.format("", "ours/s", "floor/s", "ratio", "ours/cpu s", "floor/cpu s", "ratio", "p99 ms"))
for index, line in enumerate(open(os.path.join(work, "scenarios")).read().splitlines()):
    name, target, _ = line.split("|")
    ours, floor = results("ours", index, name), results("floor", index, name)
    if not ours or not floor:
        continue
    if name.startswith("idle"):
        mine, least = median(ours, "bytes_per_conn"), median(floor, "bytes_per_conn")
        mark = "" if mine <= float(target) else f"  more than {target}"
        print(f"{name:<26}{mine:>11,.0f} bytes a connection (floor {least:,.0f}){mark}")
    else:
        rates = [median(runs, key) for key in ("per_s", "per_server_cpu_s") for runs in (ours, floor)]
        ratio, cpu_ratio = rates[0] / max(rates[1], 1), rates[2] / max(rates[3], 1)
        mark = f"  below {target}" if target and cpu_ratio < float(target) else ""
        text = row.format(
            name, f"{rates[0]:,.0f}", f"{rates[1]:,.0f}", f"{ratio:.2f}", f"{rates[2]:,.0f}",
            f"{rates[3]:,.0f}", f"{cpu_ratio:.2f}", f"{median(ours, 'p99_us') / 1000:.1f}",
        )
        print(text + mark)
    if mark:
        below.append(name)
for failure in failures:
    print("FAILED:", failure)
if below:
    print("below what is asked for:", ", ".join(below))
sys.exit(1 if failures or (strict and below) else 0)
PYTHON
