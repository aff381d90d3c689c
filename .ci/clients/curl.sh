#!/usr/bin/env bash
# Every HTTP route of the Passport example and every refusal, asked by curl.
#
#     BASE_URL=http://127.0.0.1:3000 bash .ci/clients/curl.sh
set -euo pipefail

base=${BASE_URL:-http://127.0.0.1:3000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
jar=$folder/jar
checks=0
failures=0

# ask NAME CURL-ARGUMENTS…: leaves the status in $status, the head in $head, the body in $folder/body.
ask() {
    name=$1
    shift
    : >"$folder/body"
    status=$(curl --silent --show-error --noproxy '*' --max-time 20 \
        --dump-header "$folder/head" --output "$folder/body" --write-out '%{http_code}' "$@") \
        || status="curl ended with $?"
    head=$(tr -d '\r' <"$folder/head")
}

fail() {
    failures=$((failures + 1))
    printf 'FAILED: %s: %s\n%s\n' "$name" "$1" "$head"
}

is() {
    checks=$((checks + 1))
    [ "$status" = "$1" ] || fail "status $status, not $1"
}

# field NAME VALUE: the header is there, once, with exactly this value.
field() {
    checks=$((checks + 1))
    local found
    found=$(sed -n "s/^$1: //Ip" <<<"$head")
    [ "$found" = "$2" ] || fail "$1 is “$found”, not “$2”"
}

no_field() {
    checks=$((checks + 1))
    ! grep -qi "^$1:" <<<"$head" || fail "$1 is there"
}

body_has() {
    checks=$((checks + 1))
    grep -qF -- "$1" "$folder/body" || fail "the body does not have “$1”"
}

body_is() {
    checks=$((checks + 1))
    [ "$(cat "$folder/body")" = "$1" ] || fail "the body is “$(head -c 200 "$folder/body")”, not “$1”"
}

empty() {
    checks=$((checks + 1))
    [ ! -s "$folder/body" ] || fail "the body is not empty"
}

that() {
    checks=$((checks + 1))
    "${@:2}" || fail "$1"
}

form='username=john&password=changeit'

# ---- pages without a login

ask 'the index page sends a visitor to the login page' "$base/"
is 302; field Location /login; no_field Set-Cookie; empty
ask 'the login page' "$base/login"
is 200; field Content-Type 'text/html; charset=utf-8'; body_has '<form method="post"'; no_field Set-Cookie
ask 'its query does not matter' "$base/login?a=1&a=2&&&=="
is 200
ask 'its head' --head "$base/login"
is 200; field Content-Type 'text/html; charset=utf-8'
that 'its length is not that of the page' \
    [ "$(sed -n 's/^Content-Length: //Ip' <<<"$head")" = "$(curl -s "$base/login" | wc -c)" ]
ask 'the head of a redirect' --head "$base/"
is 302; field Location /login

# ---- no such thing

ask 'no such page' "$base/nowhere"
is 404; field Content-Type 'text/plain; charset=utf-8'
ask 'no such page, for a browser' -H 'Accept: text/html' "$base/nowhere%3Cscript%3E"
is 404; field Content-Type 'text/html; charset=utf-8'
that 'the path is in the page' bash -c '! grep -q "<script>" "$0"' "$folder/body"
ask 'no such page, for a program' -H 'Accept: application/json' "$base/nowhere"
is 404; field Content-Type application/json
ask 'the head of nothing' --head "$base/nowhere"
is 404
for path in /../etc/passwd /%2e%2e/etc/passwd //login /login.html /login/. /LOGIN; do
    ask "no way out by $path" --path-as-is "$base$path"
    is 404
done

# ---- other methods

for method in PUT DELETE PATCH; do
    ask "$method of a page" -X "$method" "$base/login"
    is 405; field Allow 'GET, HEAD, OPTIONS, POST'
done
ask 'POST of the index page' -X POST "$base/"
is 405; field Allow 'GET, HEAD, OPTIONS'
ask 'GET of the logout' "$base/logout"
is 405; field Allow 'OPTIONS, POST'
ask 'options of the login' -X OPTIONS "$base/login"
is 204; field Allow 'GET, HEAD, OPTIONS, POST'; empty
no_field Access-Control-Allow-Origin
ask 'options of nothing' -X OPTIONS "$base/nowhere"
is 404
ask 'a method nobody knows' -X BREW "$base/login"
that "status $status" grep -qE '^(405|501)$' <<<"$status"
ask 'trace' -X TRACE "$base/login"
that "status $status" grep -qE '^(405|501)$' <<<"$status"

# ---- the login

ask 'a wrong password' -d 'username=john&password=wrong' "$base/login"
is 302; field Location /
that 'a session cookie is there' bash -c '! grep -q "^Set-Cookie: connect.sid=" <<<"$0"' "$head"
ask 'an unknown user' -d 'username=nobody&password=changeit' "$base/login"
is 302
that 'a session cookie is there' bash -c '! grep -q "^Set-Cookie: connect.sid=" <<<"$0"' "$head"
ask 'no password' -d 'username=john' "$base/login"
that "status $status" grep -qE '^(302|400)$' <<<"$status"
that 'a session cookie is there' bash -c '! grep -q "^Set-Cookie: connect.sid=" <<<"$0"' "$head"
ask 'an empty form' -d '' "$base/login"
that "status $status" grep -qE '^(302|400)$' <<<"$status"
ask 'a form in JSON' -H 'Content-Type: application/json' \
    -d '{"username":"john","password":"changeit"}' "$base/login"
is 415; no_field Set-Cookie
ask 'a form in parts' -F username=john -F password=changeit "$base/login"
is 415; no_field Set-Cookie
ask 'a form in another character set' -H 'Content-Type: application/x-www-form-urlencoded; charset=utf-16' \
    -d "$form" "$base/login"
is 415; no_field Set-Cookie
for escape in '%' '%2' '%zz' '%c0%af' '%u0041'; do
    ask "a form with the escape $escape" -d "username=john$escape&password=changeit" "$base/login"
    is 400; no_field Set-Cookie
done
ask 'a form of two users' -d "username=nobody&$form" "$base/login"
that 'the second user was logged in' bash -c '! grep -q "^Set-Cookie: connect.sid=" <<<"$0"' "$head"
head -c 1000001 /dev/zero | tr '\0' x >"$folder/large"
ask 'a form over the limit' -H 'Expect:' --data-binary "@$folder/large" "$base/login"
is 413
ask 'a form over the limit, which curl asks about first' -H 'Expect: 100-continue' \
    --data-binary "@$folder/large" "$base/login"
is 413
head -c 900000 "$folder/large" >"$folder/long"
ask 'a password of 900 KB' -d username=john --data-urlencode "password@$folder/long" "$base/login"
that "status $status" grep -qE '^(302|400|413)$' <<<"$status"
that 'a session cookie is there' bash -c '! grep -q "^Set-Cookie: connect.sid=" <<<"$0"' "$head"
for origin in http://evil.example null "$base.evil.example"; do
    ask "a login from the page of $origin" -H "Origin: $origin" -d "$form" "$base/login"
    is 403; no_field Set-Cookie
done

ask 'the right password' --cookie-jar "$jar" -d "$form" "$base/login"
is 302; field Location /; empty; field Cache-Control private
that 'the cookie looks different' grep -qE \
    '^Set-Cookie: connect\.sid=s%3A[A-Za-z0-9_-]{20,}\.[A-Za-z0-9%]+; Path=/; HttpOnly; SameSite=Lax$' \
    <<<"$head"
that 'there is more than one cookie' [ "$(grep -ci '^Set-Cookie:' <<<"$head")" = 1 ]
ask 'the right password, with the own origin' -H "Origin: $base" -d "$form" "$base/login"
is 302
ask 'the right password, in chunks, asked about first' -H 'Transfer-Encoding: chunked' \
    -H 'Expect: 100-continue' -d "$form" "$base/login"
is 302; that 'no cookie' grep -q '^Set-Cookie: connect.sid=' <<<"$head"

# ---- pages with a login

ask 'the index page' --cookie "$jar" "$base/"
is 200; field Content-Type 'text/html; charset=utf-8'; body_has '/socket.io/socket.io.js'
ask 'the login page sends a user to the index page' --cookie "$jar" "$base/login"
is 302; field Location /
ask 'following the redirects of a login' --location --cookie-jar "$folder/jar2" -d "$form" "$base/login"
that 'it does not end at the index page' grep -qF '/socket.io/socket.io.js' "$folder/body"
cookie=$(awk '$6 == "connect.sid" { print $7 }' "$jar")
that 'the cookie is readable by scripts' grep -q '^#HttpOnly_' "$jar"
forged=("${cookie%?}" "${cookie}x" "${cookie%.*}" "${cookie%.*}." "${cookie#s%3A}" "s%3A.x" "")
for value in "${forged[@]}"; do
    ask "the cookie ${value:0:12}…${value: -3}" -H "Cookie: connect.sid=$value" "$base/"
    is 302; field Location /login
done
ask 'a cookie among others, some of them odd' \
    -H "Cookie: a=1; odd; =x; \"q\"=\"r\"; connect.sid=$cookie; b=2;" "$base/"
is 200
ask 'two session cookies, the first of them forged' \
    -H "Cookie: connect.sid=forged; connect.sid=$cookie" "$base/"
is 302
ask 'a second login has a new id' --cookie "$jar" --cookie-jar "$jar" -d "$form" "$base/login"
is 302
that 'the id stayed' [ "$(awk '$6 == "connect.sid" { print $7 }' "$jar")" != "$cookie" ]
ask 'the old id is worth nothing' -H "Cookie: connect.sid=$cookie" "$base/"
is 302; field Location /login
ask 'the new one is' --cookie "$jar" "$base/"
is 200

# ---- who is online

ask 'user 1 has no socket' "$base/users/1/online"
is 200; field Content-Type application/json; body_is '{"online":false}'
ask 'a handshake' --cookie "$jar" "$base/socket.io/?EIO=4&transport=polling"
is 200; body_has '0{"sid":"'
sid=$(sed 's/.*"sid":"\([^"]*\)".*/\1/' "$folder/body")
poll="$base/socket.io/?EIO=4&transport=polling&sid=$sid"
ask 'its CONNECT' --cookie "$jar" -H 'Content-Type: text/plain' -d 40 "$poll"
is 200; body_is ok
ask 'its poll' --cookie "$jar" "$poll"
is 200; body_has '40{"sid":"'
ask 'user 1 has one' "$base/users/1/online"
is 200; body_is '{"online":true}'
ask 'user 2 has none' "$base/users/2/online"
is 200; body_is '{"online":false}'
for id in x 1x 1.5 99999999999999999999 %F0%9F%9A%80; do
    ask "a user $id" "$base/users/$id/online"
    is 400
done
ask 'a user without an id' "$base/users//online"
that "status $status" grep -qE '^(400|404)$' <<<"$status"

# ---- the client

for file in socket.io.js socket.io.esm.js socket.io.min.js socket.io.esm.min.js; do
    ask "the script $file" "$base/socket.io/$file"
    is 200; field Content-Type 'application/javascript; charset=utf-8'
    tag=$(sed -n 's/^ETag: //Ip' <<<"$head")
    that 'no tag' [ -n "$tag" ]
    ask "$file, unchanged" -H "If-None-Match: $tag" "$base/socket.io/$file"
    is 304; empty; field ETag "$tag"
    ask "$file, unchanged, among others" -H "If-None-Match: \"x\", W/$tag" "$base/socket.io/$file"
    is 304
    ask "$file, changed" -H 'If-None-Match: "another"' "$base/socket.io/$file"
    is 200
done
ask 'the script' "$base/socket.io/socket.io.js"
cp "$folder/body" "$folder/script"
size=$(wc -c <"$folder/script")
that 'it is too large, compressed' [ "$(gzip -9 <"$folder/script" | wc -c)" -lt 8192 ]
ask 'a part of it' -H 'Range: bytes=10-19' "$base/socket.io/socket.io.js"
is 206; field Content-Range "bytes 10-19/$size"; field Content-Length 10
that 'another part' cmp -s <(tail -c +11 "$folder/script" | head -c 10) "$folder/body"
ask 'its end' -H 'Range: bytes=-5' "$base/socket.io/socket.io.js"
is 206; field Content-Range "bytes $((size - 5))-$((size - 1))/$size"
that 'another part' cmp -s <(tail -c 5 "$folder/script") "$folder/body"
ask 'a part beyond its end' -H "Range: bytes=$size-" "$base/socket.io/socket.io.js"
is 416; field Content-Range "bytes */$size"; empty
for range in bytes=99999999999999999999- bytes=5-2 bytes=0-1,3-4 bytes=x rows=1-2; do
    ask "the range $range does not count" -H "Range: $range" "$base/socket.io/socket.io.js"
    is 200; field Content-Length "$size"
done
ask 'its head' --head "$base/socket.io/socket.io.js"
is 200; field Content-Length "$size"
ask 'the module exports' "$base/socket.io/socket.io.esm.js"
body_has 'export '
ask 'a script that is not there' "$base/socket.io/other.js"
is 404
ask 'a script with another method' -X POST "$base/socket.io/socket.io.js"
that "status $status" grep -qE '^(404|405)$' <<<"$status"
ask 'no way out of it' --path-as-is "$base/socket.io/../login"
is 404

# ---- refusals of the handshake

ask 'a handshake without a cookie' "$base/socket.io/?EIO=4&transport=polling"
is 401; field Content-Type application/json; body_is '{"code":4,"message":"Unauthorized"}'
ask 'the same on WebSocket' -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
    -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
    "$base/socket.io/?EIO=4&transport=websocket"
is 401; field Content-Type application/json; body_is '{"code":4,"message":"Unauthorized"}'
ask 'a handshake from another page' --cookie "$jar" -H 'Origin: http://evil.example' \
    "$base/socket.io/?EIO=4&transport=polling"
is 403; body_is '{"code":4,"message":"foreign origin"}'
ask 'a poll of somebody else' "$poll"
is 403
refusals=(
    '?EIO=4|0|Transport unknown'
    '?EIO=4&transport=x|0|Transport unknown'
    '?EIO=4&transport=polling&sid=x|1|Session ID unknown'
    '?EIO=4&transport=polling&sid=|1|Session ID unknown'
    '?EIO=4&transport=websocket|3|Bad request'
    '?EIO=3&transport=polling|5|Unsupported protocol version'
    '?transport=polling|5|Unsupported protocol version'
)
for refusal in "${refusals[@]}"; do
    IFS='|' read -r query code message <<<"$refusal"
    ask "a handshake with $query" --cookie "$jar" "$base/socket.io/$query"
    is 400; field Content-Type application/json; body_is "{\"code\":$code,\"message\":\"$message\"}"
done
ask 'a handshake by POST' --cookie "$jar" -X POST "$base/socket.io/?EIO=4&transport=polling"
is 400; body_is '{"code":2,"message":"Bad handshake method"}'
ask 'a handshake by OPTIONS' --cookie "$jar" -X OPTIONS "$base/socket.io/?EIO=4&transport=polling"
is 400; body_is '{"code":2,"message":"Bad handshake method"}'; no_field Access-Control-Allow-Origin

# ---- connections

reused=$(curl --silent --noproxy '*' --output /dev/null --write-out '%{num_connects} ' \
    "$base/login" --next --silent --output /dev/null --write-out '%{num_connects} ' "$base/nowhere" \
    --next --silent --output /dev/null --write-out '%{num_connects} ' -d "$form" "$base/login" \
    --next --silent --output /dev/null --write-out '%{num_connects} ' --head "$base/login")
name='one connection for four requests'
that "connections made: $reused" [ "$reused" = '1 0 0 0 ' ]
ask 'a connection that is to be closed' -H 'Connection: close' "$base/login"
is 200; field Connection close
ask 'HTTP/1.0' --http1.0 "$base/login"
is 200
ask 'no IPv6' --globoff "http://[::1]:${base##*:}/login"
is 200
# What curl itself can be made to send wrongly; the rest is in test_framing.py.
ask 'two lengths' -H 'Content-Length: 5' -H 'Transfer-Encoding: chunked' -d hello "$base/login"
is 400; field Connection close
ask 'no host' -H 'Host;' "$base/login"
is 400
ask 'a host that is none' -H 'Host: a b' "$base/login"
is 400
ask 'too many fields' $(printf -- '-H X-%s:y ' {1..200}) "$base/login"
is 431
ask 'a target too long' "$base/$(head -c 9000 /dev/zero | tr '\0' x)"
is 414
ask 'an unknown expectation' -H 'Expect: cookies' -d "$form" "$base/login"
is 417
ask 'a compressed body' -H 'Content-Encoding: gzip' -d "$form" "$base/login"
is 415

# ---- the logout

ask 'a logout from another page' --cookie "$jar" -H 'Origin: http://evil.example' -X POST "$base/logout"
is 403; no_field Set-Cookie
ask 'which does nothing' --cookie "$jar" "$base/"
is 200
ask 'the logout' --cookie "$jar" -X POST "$base/logout"
is 204; empty; no_field Content-Length
that 'the cookie is not cleared' grep -qE \
    '^Set-Cookie: connect\.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; (Max-Age=0; )?HttpOnly; SameSite=Lax$' \
    <<<"$head"
ask 'user 1 has no socket any more' "$base/users/1/online"
is 200; body_is '{"online":false}'
ask 'the cookie is worth nothing' --cookie "$jar" "$base/"
is 302; field Location /login
ask 'nor is it in a handshake' --cookie "$jar" "$base/socket.io/?EIO=4&transport=polling"
is 401
ask 'a second logout' --cookie "$jar" -X POST "$base/logout"
is 204
ask 'a logout without a login' -X POST "$base/logout"
is 204

if [ "$failures" -gt 0 ]; then
    printf '%s of %s checks FAILED\n' "$failures" "$checks"
    exit 1
fi
printf 'OK: %s checks\n' "$checks"
