"""The command line: `atomstates --help`."""
