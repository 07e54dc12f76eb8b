"""Writes down what a real API server answers, for `test_api_words`.

    kubectl proxy --port=8001 &
    python tests/behaviour/record_api.py http://127.0.0.1:8001

Each line of a `testdata/api_*.jsonl` is a request (`do`, `body`, `type`) and the likeness of its answer. Only the
answers are rewritten; to add a case, add a line with a request. After the server's address may stand the names of the
files to record, without their endings. A line with `wait`, `field` and `is` waits for an object to come to be so; one
with `keep` gives names to values in its answer (`{"TOKEN": "metadata.continue"}`), which later lines say as `<TOKEN>`.
Of one with `only_code` the answer does not matter.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from likeness import brief, filled, likeness, unowned, values

NAMESPACE = "api-words"


def ask(server: str, case: dict[str, Any]) -> tuple[int, Any, list[str]]:
    method, path = case["do"].replace("NAMESPACE", NAMESPACE).split(" ")
    text = json.dumps(case["body"]) if "body" in case else case.get("text")
    body = text.replace("NAMESPACE", NAMESPACE).encode() if text is not None else None
    headers = {"Content-Type": case.get("type", "application/json"), "User-Agent": "tests/1"}
    headers["Accept"] = case.get("accept", "application/json")
    request = urllib.request.Request(server + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            code, text, warnings = answer.status, answer.read().decode(), answer.headers.get_all("Warning") or []
    except urllib.error.HTTPError as error:
        code, text, warnings = error.code, error.read().decode(), error.headers.get_all("Warning") or []
    words = [warning.split('"', 1)[1].rsplit('"', 1)[0].replace('\\"', '"') for warning in warnings]
    return code, json.loads(text) if text[:1] in ("{", "[") else text, sorted(words)


def wait(server: str, case: dict[str, Any]) -> None:
    """Until a field of an object is as the case says."""
    for _ in range(100):
        value = ask(server, {"do": f"GET {case['wait']}"})[1]
        for key in case["field"].split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value == case["is"]:
            return
        time.sleep(0.2)
    sys.exit(f"{case} did not come to be")


def main() -> None:
    server, *names = sys.argv[1:]
    for file in sorted((Path(__file__).parent / "testdata").glob("api_*.jsonl")):
        if names and file.stem not in names:
            continue
        ask(server, {"do": "POST /api/v1/namespaces", "body": {"metadata": {"name": NAMESPACE}}})
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default"
        wait(server, {"wait": account, "field": "metadata.name", "is": "default"})
        lines, kept = [], {}  # type: ignore[var-annotated]
        for line in file.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if "wait" in case:
                wait(server, case)
                lines.append(json.dumps(case))
                continue
            code, answer, warnings = ask(server, filled(case, kept))
            kept |= values(case, answer)
            shown = brief(answer) if file.stem.startswith("api_semantics") else answer
            shown = unowned(shown) if file.stem.startswith("api_admission") else shown
            case |= {"code": code} if case.get("only_code") else {"code": code, "answer": likeness(shown, NAMESPACE)}
            if warnings:
                case["warnings"] = [text.replace(NAMESPACE, "NAMESPACE") for text in warnings]
            lines.append(json.dumps(case))
        file.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        ask(server, {"do": f"DELETE /api/v1/namespaces/{NAMESPACE}"})
        wait(server, {"wait": f"/api/v1/namespaces/{NAMESPACE}", "field": "code", "is": 404})


if __name__ == "__main__":
    main()
