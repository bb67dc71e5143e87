"""The playground's screens. Nothing here imports torch, numpy or lesson code."""
