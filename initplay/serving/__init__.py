"""The playground in a browser: who may come in, how many at once, each in a terminal of their own, in bounds.

`doorkeeper`, `places` and `bounds` are rules without any machine; `visit` is one playground in a terminal,
`house` all of them, `shared` the fork server of all, `watching` what keeps them in bounds;
`site` is what a browser asks for.
"""
