"""Running an experiment in another process: the UI's side is `client`, the child's side is `worker`."""
