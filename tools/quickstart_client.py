#!/usr/bin/env python3
"""Sends one streamed completion with the `openai` client and prints the answer as it comes.

Usage: quickstart_client.py --base-url URL --model NAME --prompt TEXT [--max-tokens N] [--request-id ID]

Runs inside the Python environment that tools/quickstart makes. Ends with 1 if no text came.
"""

import argparse
import sys
import time

import openai


def stream(arguments):
    """Prints the answer; returns (tokens as the engine counted them, seconds to the first text, seconds in all)."""
    client = openai.OpenAI(base_url=arguments.base_url, api_key="none", max_retries=0, timeout=60)
    began = time.monotonic()
    first = None
    tokens = 0
    events = client.completions.create(
        model=arguments.model,
        prompt=arguments.prompt,
        max_tokens=arguments.max_tokens,
        temperature=0.7,
        seed=7,
        stream=True,
        stream_options={"include_usage": True},
        extra_headers={"x-request-id": arguments.request_id},
    )
    for event in events:
        if event.usage is not None:
            tokens = event.usage.completion_tokens
        for choice in event.choices:
            if choice.text:
                first = first or time.monotonic()
                print(choice.text, end="", flush=True)
    ended = time.monotonic()
    return tokens, (first or ended) - began, ended - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--request-id", default="quickstart")
    arguments = parser.parse_args()

    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"{bold}{arguments.prompt}{plain}", end="", flush=True)
    try:
        tokens, first, total = stream(arguments)
    except openai.OpenAIError as error:
        print(f"\nthe router did not answer: {error}", file=sys.stderr)
        return 1
    print(f"\n\n   {tokens} tokens in {total:.1f} s, the first after {first:.2f} s")
    return 0 if tokens else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
