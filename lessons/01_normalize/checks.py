"""What `normalize(train, valid)` is asked, and what people write instead."""

import torch

from initplay.lab.checking import Mistake, Probe, verdicts


def some_digits(count, ink, seed):
    """Bytes as digits have them: the margin dark, the middle not, and one digit brighter than another."""
    draw = torch.Generator().manual_seed(seed)
    brightness = torch.rand(count, 1, generator=draw) + 0.3
    middle = 1 - torch.linspace(-1, 1, 784).abs()
    pixels = torch.rand(count, 784, generator=draw) ** 2 * middle * brightness * ink
    return pixels.clamp(max=255).to(torch.uint8)


TRAIN, VALID = some_digits(60, 255, seed=1), some_digits(40, 400, seed=2)


def sizes(pair):
    """Mean and std of both; where there are not two tensors, what there is."""
    if not (isinstance(pair, tuple | list) and len(pair) == 2 and all(hasattr(x, "shape") for x in pair)):
        return pair
    said = {}
    for name, x in zip(("train", "valid"), pair, strict=True):
        x = torch.as_tensor(x).double()
        mean = x.mean()
        said[f"mean of {name}"] = round(mean.item(), 5) + 0  # + 0 turns -0.0 into 0.0
        said[f"std of {name}"] = (x - mean).square().mean().sqrt()
    return said


def of(train, valid):
    """A probe's question: the sizes of what becomes of the two."""
    return lambda mine: sizes(mine.normalize(train.clone(), valid.clone()))


def one_by_one(mine):
    train, valid = mine.normalize(TRAIN[:, 28:].float(), VALID[:, 28:].float())
    return {"of train": train[:3, :300], "of valid": valid[:3, :300]}


def shapes(mine):
    pair = mine.normalize(TRAIN.float(), VALID.float())
    if pair is ...:
        return pair
    if isinstance(pair, tuple | list) and len(pair) == 2:
        return " and ".join(str(tuple(x.shape)) if hasattr(x, "shape") else "no tensor" for x in pair)
    if isinstance(pair, tuple | list):
        return f"{len(pair)} results"
    return "one tensor" if hasattr(pair, "shape") else "nothing" if pair is None else "something else"


def beside_others(mine):
    """How far one validation digit is moved by what lies beside it."""
    spoiled = VALID.float()
    spoiled[1:] = 255 - spoiled[1:]
    alone, beside = (mine.normalize(TRAIN.float(), valid)[1][0] for valid in (VALID.float(), spoiled))
    return torch.as_tensor(alone - beside).abs().max()


def changed(mine):
    given = TRAIN.float(), VALID.float()
    mine.normalize(*given)
    pairs = zip(("train", "valid"), given, (TRAIN, VALID), strict=True)
    return " and ".join(name for name, now, before in pairs if not torch.equal(now, before)) or "nothing"


NEAR = {"within": 1e-3, "slack": 1e-3}  # a std may be divided by n or by n - 1
PROBES = [
    Probe(
        "60 digits and 40: what comes back",
        shapes,
        says="It should give both sets back, of shapes {right}, and gave {got}.",
    ),
    Probe("pixels from 0 to 255", of(TRAIN.float(), VALID.float()), **NEAR),
    Probe("other numbers, around -5", of(TRAIN / 500 - 5, VALID / 500 - 5), **NEAR),
    Probe("one digit as valid", of(TRAIN.float(), VALID[:1].float()), **NEAR),
    Probe("number by number", one_by_one, within=1e-4, slack=1e-4),
    Probe(
        "one digit of valid, when the others are inverted",
        beside_others,
        says="It moved by {got}, though only the others were inverted. What must no number of the "
        "formula depend on?",
        slack=1e-5,
    ),
    Probe("bytes (torch.uint8) from 0 to 255", of(TRAIN, VALID), **NEAR),
    Probe(
        "train and valid are as they were",
        changed,
        says="It changed {got} itself. Whoever calls it still needs that: work on a new tensor.",
        beside=True,
    ),
]


def by(statistics, formula=lambda x, mean, std: (x - mean) / std):
    """A `normalize` of these: numbers of train for train, of valid for valid."""

    def normalize(train, valid):
        train, valid = train.float(), valid.float()
        of_train, of_valid = statistics(train, valid)
        return formula(train, *of_train), formula(valid, *of_valid)

    return normalize


def of_train(train, valid):
    return ((train.mean(), train.std()),) * 2


def of_valid(train, valid):
    return ((valid.mean(), valid.std()),) * 2


def of_each(train, valid):
    return (train.mean(), train.std()), (valid.mean(), valid.std())


def of_both(train, valid):
    both = torch.cat([train, valid])
    return ((both.mean(), both.std()),) * 2


def of_each_pixel(train, valid):
    return ((train.mean(0), train.std(0)),) * 2


def mean_of_each_pixel(train, valid):
    mean = train.mean(0)
    return ((mean, (train - mean).std()),) * 2


def of_each_digit(train, valid):
    return tuple((x.mean(1, keepdim=True), x.std(1, keepdim=True)) for x in (train, valid))


def of_digits_of_train(keepdim):
    return lambda train, valid: ((train.mean(1, keepdim), train.std(1, keepdim=keepdim)),) * 2


def as_bytes(train, valid):
    mean, std = train.mean(), train.std()
    return (train - mean) / std, (valid - mean) / std


VALID_BY_ITS_OWN = (
    "valid is normalized with its own mean and std: they are {got.mean of valid} and {got.std of valid} "
    "after it, "
    "where {right.mean of valid} and {right.std of valid} is right. Whose numbers would one digit alone have?"
)
MISTAKES = [
    Mistake(VALID_BY_ITS_OWN, normalize=by(of_each)),
    Mistake(
        "Both are normalized with valid's mean and std: train has mean {got.mean of train} and std "
        "{got.std of train} after it, not 0 and 1. Which set does the net learn from?",
        normalize=by(of_valid),
    ),
    Mistake(
        "Mean and std are those of both sets together: train has mean {got.mean of train} and std "
        "{got.std of train} after it, not 0 and 1. Validation digits must not have a say in it.",
        normalize=by(of_both),
    ),
    Mistake(
        "The mean is valid's own, the std is train's: valid has mean {got.mean of valid} after it, where "
        "{right.mean of valid} is right. Both sets need both of train's numbers.",
        normalize=by(lambda train, valid: ((train.mean(), train.std()), (valid.mean(), train.std()))),
    ),
    Mistake(
        "The std is valid's own, the mean is train's: valid has std {got.std of valid} after it, where "
        "{right.std of valid} is right. Both sets need both of train's numbers.",
        normalize=by(lambda train, valid: ((train.mean(), train.std()), (train.mean(), valid.std()))),
    ),
    Mistake(
        "valid is left as it is: its mean is {got.mean of valid}, where {right.mean of valid} is right. "
        "The net "
        "must meet it on the scale that it learned on.",
        normalize=lambda train, valid: (as_bytes(train.float(), valid)[0], valid),
    ),
    Mistake(
        "That divides by the variance: train's std is {got.std of train} after it, not 1. The std is its "
        "root.",
        normalize=by(of_train, lambda x, mean, std: (x - mean) / std**2),
    ),
    Mistake(
        "The mean is gone, and nothing is divided: train's std is {got.std of train}, not 1.",
        normalize=by(of_train, lambda x, mean, std: x - mean),
    ),
    Mistake(
        "It divides by the std, and takes no mean away: train's mean is {got.mean of train}, not 0.",
        normalize=by(of_train, lambda x, mean, std: x / std),
    ),
    Mistake(
        "The std divides before the mean is taken away: train's mean is {got.mean of train}, not 0. The "
        "mean is "
        "one of the numbers before they were divided.",
        normalize=by(of_train, lambda x, mean, std: x / std - mean),
    ),
    Mistake(
        "The std divides the mean alone, as in x - mean / std: train's std is {got.std of train}, not 1. "
        "Where do "
        "brackets belong?",
        normalize=by(of_train, lambda x, mean, std: x - mean / std),
    ),
    Mistake(
        "That multiplies by the std: train's is {got.std of train} after it, not 1.",
        normalize=by(of_train, lambda x, mean, std: (x - mean) * std),
    ),
    Mistake(
        "The mean is added, not taken away: train's is {got.mean of train} after it, not 0.",
        normalize=by(of_train, lambda x, mean, std: (x + mean) / std),
    ),
    Mistake(
        "That fits train between -1 and 1: its mean is {got.mean of train} and its std {got.std of "
        "train} after "
        "it, not 0 and 1.",
        normalize=by(
            lambda train, valid: ((train.min(), train.max()),) * 2,
            lambda x, low, high: 2 * (x - low) / (high - low) - 1,
        ),
    ),
    Mistake(
        "That fits train between 0 and 1: its mean is {got.mean of train} and its std {got.std of train} "
        "after "
        "it, not 0 and 1.",
        normalize=by(
            lambda train, valid: ((train.min(), train.max()),) * 2,
            lambda x, low, high: (x - low) / (high - low),
        ),
    ),
    Mistake(
        "Divided by 255 and no more: train's mean is {got.mean of train} and its std {got.std of train}, "
        "not 0 and 1.",
        normalize=lambda train, valid: (train / 255, valid / 255),
    ),
    *(
        Mistake(
            "Those are numbers from another file, 0.13 and 0.31: train's mean is {got.mean of train} and "
            "its std "
            "{got.std of train} after it, not 0 and 1. Measure these digits.",
            normalize=lambda train, valid, m=mean, s=std: ((train / 255 - m) / s, (valid / 255 - m) / s),
        )
        for mean, std in ((0.1304, 0.3073), (0.1307, 0.3081), (0.131, 0.3085), (0.1315, 0.3087))
    ),
    Mistake(
        "Each digit has a mean and a std of its own: valid's mean is {got.mean of valid} after it, where "
        "{right.mean of valid} is right, and no digit is brighter than another. Take one mean over all.",
        normalize=by(of_each_digit),
    ),
    Mistake(
        "Each pixel has a mean and a std of its own, and where it is always dark the std is 0: train's "
        "mean is "
        "{got.mean of train}. Take one mean and one std over all pixels.",
        normalize=by(of_each_pixel),
    ),
    *(
        Mistake(
            "Each pixel has a mean and a std of its own, and a little is added to the std: train's std is "
            "{got.std of train}, not 1, for a pixel that is always dark stays 0. Take one mean and one std "
            "over all pixels.",
            normalize=by(of_each_pixel, lambda x, mean, std, little=little: (x - mean) / (std + little)),
        )
        for little in (1e-8, 1e-7, 1e-6, 1e-5)
    ),
    Mistake(
        "Each pixel of train has a mean and a std of its own, and where it is always dark the std is 0: "
        "train's mean is {got.mean of train}. And valid is left as it is.",
        normalize=lambda train, valid: (by(of_each_pixel)(train, valid)[0], valid),
    ),
    Mistake(
        "Each pixel has a std of its own, and where it is always dark that is 0: train's mean is {got.mean "
        "of train}. Take one std over all pixels, as with the mean.",
        normalize=by(lambda train, valid: ((train.mean(), train.std(0)),) * 2),
    ),
    *(
        Mistake(
            "Each digit of train has a mean and a std of its own, so there are none for valid's, and it "
            "raised {got}. Take one mean and one std over all.",
            normalize=by(of_digits_of_train(keepdim)),
        )
        for keepdim in (False, True)
    ),
    Mistake(
        "mean and std have changed places: train's mean is {got.mean of train} and its std {got.std of "
        "train} after it. torch.std_mean gives the std first.",
        normalize=by(of_train, lambda x, mean, std: (x - std) / mean),
    ),
    Mistake(
        "Each pixel has a mean of its own: valid's std is {got.std of valid} after it, where {right.std "
        "of valid} "
        "is right. That can be done too, but here it is one mean over all pixels.",
        normalize=by(mean_of_each_pixel),
    ),
    Mistake(
        "They come back as (valid, train): {got}, where {right} is right.",
        normalize=lambda train, valid: as_bytes(train.float(), valid)[::-1],
    ),
    Mistake(
        "Bytes have no mean for torch, and it raised {got}: make floats of them first.",
        normalize=as_bytes,
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
