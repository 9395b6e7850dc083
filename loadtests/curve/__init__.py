"""The parts of `loadtests/curves`."""
