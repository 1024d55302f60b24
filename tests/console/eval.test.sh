#!/usr/bin/env bash
# promise: eval needs no workspace, prints the value as JSON on stdout, and exits with 0, or with 1 and an error that points at the character
# promise: eval --typed reads and writes every type of CEL without losing it
# promise: eval --batch answers each line with its id, and goes on behind an expression that fails or a line that is no JSON
# shellcheck source=tests/door/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/../door/support.sh"
steward="$1"
export NO_COLOR=1
cd "$scratch"

# same NAME: compares $scratch/got with what comes on stdin.
same() {
  cat >"$scratch/wanted"
  diff -u "$scratch/wanted" "$scratch/got" || fail "$1"
}

"$steward" eval '[1, 2, 3].map(x, x * x)' >got 2>stderr || fail "a plain value"
same "a plain value" <<<'[1,4,9]'
[[ ! -s stderr ]] || fail "a value writes to stderr"
try "$steward" eval '1 + (2 / 0)'
expect_status 1
expect_text "1:8: division by zero"
"$steward" eval '1 / 0' >got 2>/dev/null && fail "an error exits with 0"
same "an error prints nothing to stdout" </dev/null
try "$steward" eval --json '1 +'
expect_status 1
expect_text '"where":"1:4"'

printf '{"lead": {"score": 12, "name": "Ada"}}' >vars.json
try "$steward" eval 'lead.score > 10 ? lead.name : ""' --vars vars.json
expect_status 0
expect_text '"Ada"'
"$steward" eval lead.score --vars - <vars.json >got || fail "variables from stdin"
same "variables from stdin" <<<12
try "$steward" eval lead.scor --vars vars.json
expect_status 1
expect_text "Did you mean 'score'?"
try "$steward" eval x --vars missing.json
[[ "$status" -ne 0 ]] || fail "a missing file of variables"
try "$steward" eval
expect_status 2
try "$steward" eval 1 --batch vars.json
expect_status 2

try "$steward" eval --typed '{1u: [b"\xff", 2.5, double("NaN")], "t": timestamp(0)}'
expect_status 0
expect_text '{"type":"map","value":[[{"type":"uint","value":"1"},{"type":"list","value":[{"type":"bytes","value":"/w=="},{"type":"double","value":2.5},{"type":"double","value":"NaN"}]}],[{"type":"string","value":"t"},{"type":"timestamp","value":"1970-01-01T00:00:00Z"}]]}'

cat >cases.jsonl <<'LINES'
{"id": "sum", "expr": "x + y", "vars": {"x": {"type": "uint", "value": "18446744073709551614"}, "y": {"type": "uint", "value": "1"}}}
{"id": 2, "expr": "x.y", "vars": {"x.y": {"type": "duration", "value": "3.5s"}}}
{"id": 3, "expr": "y", "container": "x", "vars": {"x.y": {"type": "bool", "value": true}, "y": {"type": "bool", "value": false}}}
{"id": "late", "expr": "no_such(1) || true", "vars": null, "container": null}

{"id": "type", "expr": "type(x) == t && type(x)", "vars": {"x": {"type": "int", "value": "1"}, "t": {"type": "type", "value": "int"}}}
{"id": "key", "expr": "m[1]", "vars": {"m": {"type": "map", "value": [[{"type": "uint", "value": "1"}, {"type": "null_type", "value": null}]]}}}
LINES
"$steward" eval --typed --batch cases.jsonl >got || fail "a batch whose lines can all be read"
same "a batch" <<'LINES'
{"id":"sum","value":{"type":"uint","value":"18446744073709551615"}}
{"id":2,"value":{"type":"duration","value":"3.5s"}}
{"id":3,"value":{"type":"bool","value":true}}
{"id":"late","value":{"type":"bool","value":true}}
{"error":{"advice":"","code":"expression_error","expected":"true or false","found":"&& is given a value of type type","where":"1:14"},"id":"type"}
{"id":"key","value":{"type":"null_type","value":null}}
LINES
status=0
printf '%s\n' '{"id": 1, "expr": "1"}' '{nope' '{"id": 3, "expr": "1 + 1", "var": {}}' '{"id": 4, "expr": "a", "vars": {"a": 5}}' | "$steward" eval --batch - >got || status=$?
[[ "$status" -eq 2 ]] || fail "a line that can't be read is told in the exit code, got $status"
grep -qF '{"id":1,"value":1}' got || fail "the line before a bad one"
grep -qF '"where":"stdin:2"' got || fail "the place of a line that is no JSON"
grep -qF "the key 'var'" got || fail "an unknown key"
grep -qF '{"id":4,"value":5}' got || fail "the line behind a bad one"
