"""The lesson screen: the text of a step on the left, the bench beside it, predictions and goals between."""
