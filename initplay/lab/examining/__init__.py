"""A net under the instrument: what its weights look like, how large its signals are, and what to change.

`examination.examine` is what a notebook calls, `experiment.examined` what `initplay examine` runs. What
they are made of, each usable by itself: `distribution` and `schemes` recognize a weight, `theory` says
what it should do to its input, `trace` sees what it does, `xray` takes the loss and the gradients too,
`table` makes records of it, `findings` says what is wrong, `cures` what to change, and `text` writes it
down. Nothing of the net is changed by any of them.
"""
