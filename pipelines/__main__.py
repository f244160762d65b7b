"""``python -m pipelines`` is the same as ``hinterland``."""

from pipelines.cli.main import main

if __name__ == "__main__":
    main()
