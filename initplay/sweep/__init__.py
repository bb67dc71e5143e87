"""One experiment at many settings of its knobs and over many seeds: what is to run, what came out, and both
on file. How runs are spread over cores and machines is the business of a `concurrent.futures.Executor`;
nothing here knows torch, a lesson or a terminal."""
