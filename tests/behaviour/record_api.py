"""Writes down what a real API server answers, for `test_api_words`.

    kubectl proxy --port=8001 &
    python tests/behaviour/record_api.py http://127.0.0.1:8001

Each line of a `testdata/api_*.jsonl` is a request (`do`, `body`, `type`) and the likeness of its answer. Only the
answers are rewritten; to add a case, add a line with a request.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from likeness import likeness

NAMESPACE = "api-words"


def ask(server: str, case: dict[str, Any]) -> tuple[int, Any, list[str]]:
    method, path = case["do"].replace("NAMESPACE", NAMESPACE).split(" ")
    body = json.dumps(case["body"]).replace("NAMESPACE", NAMESPACE).encode() if "body" in case else None
    headers = {"Content-Type": case.get("type", "application/json"), "User-Agent": "tests/1"}
    request = urllib.request.Request(server + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            code, text, warnings = answer.status, answer.read().decode(), answer.headers.get_all("Warning") or []
    except urllib.error.HTTPError as error:
        code, text, warnings = error.code, error.read().decode(), error.headers.get_all("Warning") or []
    words = [warning.split('"', 1)[1].rsplit('"', 1)[0].replace('\\"', '"') for warning in warnings]
    return code, json.loads(text) if text[:1] in ("{", "[") else text, sorted(words)


def main() -> None:
    server = sys.argv[1]
    for file in sorted((Path(__file__).parent / "testdata").glob("api_*.jsonl")):
        ask(server, {"do": "POST /api/v1/namespaces", "body": {"metadata": {"name": NAMESPACE}}})
        lines = []
        for line in file.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            code, answer, warnings = ask(server, case)
            case |= {"code": code, "answer": likeness(answer, NAMESPACE)}
            if warnings:
                case["warnings"] = warnings
            lines.append(json.dumps(case))
        file.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    ask(server, {"do": f"DELETE /api/v1/namespaces/{NAMESPACE}"})


if __name__ == "__main__":
    main()
