"""Everything `interlock backtest` needs beside the engine: its inputs read strictly, its answer as a document."""
