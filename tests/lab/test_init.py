"""The schemes of `initplay.lab.init` held against `torch.nn.init`, their formulas and what they promise."""

import inspect
import math
import subprocess
import sys
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.nn import init as torch_init

from initplay.lab import init

BOTH = pytest.mark.parametrize("module", [init, torch_init], ids=["ours", "torch"])

# Every way to fill a tensor at random that both modules know, by arguments in which they may differ.
RANDOM = [
    ("uniform_", {}),
    ("uniform_", {"a": -3.0, "b": 0.5}),
    ("normal_", {}),
    ("normal_", {"mean": 2.0, "std": 0.1}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 5 / 3}),
    ("xavier_normal_", {}),
    ("xavier_normal_", {"gain": 0.3}),
    *(
        (name, kwargs)
        for name in ("kaiming_uniform_", "kaiming_normal_")
        for kwargs in (
            {},
            {"a": math.sqrt(5)},
            {"mode": "fan_out", "nonlinearity": "relu"},
            {"mode": "FAN_IN", "nonlinearity": "tanh"},
            {"a": 0.2, "mode": "fan_out"},
        )
    ),
    ("orthogonal_", {}),
    ("orthogonal_", {"gain": 1.5}),
]
TRUNCATED = [
    {},
    {"std": 0.02},
    {"mean": 1.0, "std": 2.0, "a": 0.5, "b": 1.5},
    {"mean": 0.0, "std": 1.0, "a": 2.0, "b": 3.0},
    {"mean": 0.0, "std": 1.0, "a": -5.0, "b": -4.0},
    {"mean": 10.0, "std": 1.0, "a": 0.0, "b": 0.5},
    {"mean": -9.0, "std": 1.0, "a": 0.0, "b": 0.5},
    {"a": -math.inf, "b": 0.3},
]
SHAPES = [(64, 48), (48, 64), (16, 12, 3), (12, 8, 3, 5), (6, 4, 3, 2, 2)]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ks_distance(x: torch.Tensor, y: torch.Tensor) -> float:
    """Largest gap between the empirical distribution functions of two samples."""
    x, y = x.flatten().double().sort().values, y.flatten().double().sort().values
    at = torch.cat([x, y])
    share_x = torch.searchsorted(x, at, right=True) / len(x)
    share_y = torch.searchsorted(y, at, right=True) / len(y)
    return (share_x - share_y).abs().max().item()


def ks_limit(n: int, m: int, alpha: float = 1e-4) -> float:
    """The distance that two samples of one distribution exceed with probability alpha."""
    return math.sqrt(-math.log(alpha / 2) / 2 * (n + m) / (n * m))


def assert_same_distribution(x: torch.Tensor, y: torch.Tensor) -> None:
    assert ks_distance(x, y) < ks_limit(x.numel(), y.numel())


def quietly(fill, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fill(*args, **kwargs)


@pytest.mark.parametrize("name", torch_init.__all__)
def test_every_public_name_of_torch_is_here_with_its_signature(name):
    """Whoever calls by position, by keyword or with nothing but the tensor gets what torch gives."""
    assert name in init.__all__

    def parameters(module):
        found = inspect.signature(getattr(module, name)).parameters.values()
        return [(p.name, p.kind, p.default) for p in found]

    assert parameters(init) == parameters(torch_init)


@pytest.mark.parametrize(
    "name",
    [
        "_calculate_fan_in_and_fan_out",
        "_calculate_correct_fan",
        *(f"_no_grad_{what}_" for what in ("uniform", "normal", "trunc_normal", "fill", "zero")),
    ],
)
def test_private_names_that_libraries_import_take_the_same_arguments(name):
    ours, theirs = (list(inspect.signature(getattr(m, name)).parameters) for m in (init, torch_init))
    assert ours == theirs


def test_all_lists_names_that_exist_and_lecun_besides_those_of_torch():
    ours_alone = {"fans", "gain_of", "lecun_normal_", "lecun_uniform_"}
    assert set(init.__all__) - set(torch_init.__all__) == ours_alone
    assert all(callable(getattr(init, name)) for name in init.__all__)


@pytest.mark.parametrize(
    ("name", "kwargs", "dtype"),
    [
        (name, kwargs, dtype)
        for name, kwargs in RANDOM
        for dtype in DTYPES
        if not (name == "orthogonal_" and dtype.itemsize == 2)  # where torch has no QR to compare with
    ],
)
def test_the_same_seed_draws_what_torch_draws(name, kwargs, dtype):
    for shape in SHAPES:
        ours, theirs = torch.empty(shape, dtype=dtype), torch.empty(shape, dtype=dtype)
        torch.manual_seed(3)
        getattr(init, name)(ours, **kwargs)
        torch.manual_seed(3)
        getattr(torch_init, name)(theirs, **kwargs)
        torch.testing.assert_close(ours, theirs)
        getattr(init, name)(ours, generator=seeded(4), **kwargs)
        getattr(torch_init, name)(theirs, generator=seeded(4), **kwargs)
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(("name", "kwargs"), RANDOM)
def test_another_seed_draws_from_the_distribution_torch_draws_from(name, kwargs):
    ours = getattr(init, name)(torch.empty(120, 80), generator=seeded(1), **kwargs)
    theirs = getattr(torch_init, name)(torch.empty(120, 80), generator=seeded(2), **kwargs)
    assert not torch.equal(ours, theirs)
    assert_same_distribution(ours, theirs)


def test_the_kolmogorov_smirnov_distance_tells_schemes_apart():
    """The tests that lean on it would notice a normal for a uniform, or a std that is 15 % off."""
    w = torch.empty(120, 80)
    normal = init.kaiming_normal_(w.clone(), generator=seeded(1))
    uniform = init.kaiming_uniform_(w.clone(), generator=seeded(2))
    limit = ks_limit(w.numel(), w.numel())
    assert ks_distance(normal, uniform) > limit
    assert ks_distance(normal, 1.15 * init.kaiming_normal_(w.clone(), generator=seeded(3))) > limit
    assert ks_distance(torch.arange(4), torch.arange(4) + 2) == 0.5


@pytest.mark.parametrize("name", [name for name, _ in RANDOM] + ["lecun_normal_", "lecun_uniform_"])
def test_a_generator_decides_the_draw_and_leaves_the_global_one_alone(name):
    before = torch.get_rng_state()
    first = getattr(init, name)(torch.empty(8, 6), generator=seeded(5))
    again = getattr(init, name)(torch.empty(8, 6), generator=seeded(5))
    other = getattr(init, name)(torch.empty(8, 6), generator=seeded(6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@BOTH
@pytest.mark.parametrize("dtype", [*DTYPES, torch.int64], ids=str)
def test_constants_fill_every_element(module, dtype):
    for shape in [(), (0,), (3,), (2, 3, 4)]:
        assert torch.equal(module.ones_(torch.empty(shape, dtype=dtype)), torch.ones(shape, dtype=dtype))
        assert torch.equal(module.zeros_(torch.ones(shape, dtype=dtype)), torch.zeros(shape, dtype=dtype))
        filled = module.constant_(torch.empty(shape, dtype=dtype), 3)
        assert torch.equal(filled, torch.full(shape, 3, dtype=dtype))


@settings(max_examples=60)
@given(
    out=st.integers(1, 40),
    channels=st.integers(1, 40),
    kernel=st.lists(st.integers(1, 7), max_size=3),
)
def test_fans_count_the_weights_of_one_output_and_of_one_input(out, channels, kernel):
    """For linear (out, in) and convolutional (out, in, *kernel) weights alike."""
    w = torch.empty(out, channels, *kernel, device="meta")
    assert init.fans(w) == (w[0].numel(), w[:, 0].numel())
    assert init.fans(w) == torch_init._calculate_fan_in_and_fan_out(w)
    assert init._calculate_correct_fan(w, "Fan_Out") == torch_init._calculate_correct_fan(w, "Fan_Out")  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 3), min_size=2, max_size=5))
def test_fans_of_a_weight_without_elements_are_those_of_torch(shape):
    w = torch.empty(shape)
    assert init.fans(w) == torch_init._calculate_fan_in_and_fan_out(w)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("family", "kwargs", "variance"),
    [
        ("lecun", {}, lambda n_in, n_out: 1 / n_in),
        ("xavier", {}, lambda n_in, n_out: 2 / (n_in + n_out)),
        ("xavier", {"gain": 3.0}, lambda n_in, n_out: 9 * 2 / (n_in + n_out)),
        ("kaiming", {}, lambda n_in, n_out: 2 / n_in),
        ("kaiming", {"mode": "fan_out"}, lambda n_in, n_out: 2 / n_out),
        ("kaiming", {"a": 0.5}, lambda n_in, n_out: 2 / 1.25 / n_in),
        ("kaiming", {"a": math.sqrt(5)}, lambda n_in, n_out: 1 / (3 * n_in)),
        ("kaiming", {"nonlinearity": "linear"}, lambda n_in, n_out: 1 / n_in),
    ],
)
def test_normal_and_uniform_have_mean_zero_and_the_variance_of_the_formula(family, kwargs, variance, dtype):
    shape, n_in, n_out = (160, 30, 5), 150, 800
    std = math.sqrt(variance(n_in, n_out))
    n = math.prod(shape)
    for form in ("normal_", "uniform_"):
        w = getattr(init, f"{family}_{form}")(torch.empty(shape, dtype=dtype), generator=seeded(7), **kwargs)
        w = w.double()
        assert w.mean().abs() < 4 * std / math.sqrt(n)
        assert w.std().item() == pytest.approx(std, rel=4 / math.sqrt(2 * n))
        if form == "uniform_":
            bound = math.sqrt(3) * std
            eps = torch.finfo(dtype).eps
            assert bound * (0.999 - eps) < w.abs().max() <= bound * (1 + eps)
        else:
            assert_same_distribution(w, std * torch.randn(n, generator=seeded(8)))


def test_lecun_is_three_times_the_variance_of_the_default_linear_layer():
    default = nn.Linear(400, 300).weight.detach()
    w = init.lecun_uniform_(torch.empty(300, 400), generator=seeded(0))
    assert (w.var() / default.var()).item() == pytest.approx(3, rel=0.03)


def rms(x: torch.Tensor) -> float:
    return x.square().mean().sqrt().item()


@pytest.mark.parametrize(
    ("fill", "nonlinearity"),
    [
        (init.lecun_normal_, nn.Identity()),
        (init.lecun_uniform_, nn.Identity()),
        (init.xavier_normal_, nn.Identity()),
        (init.kaiming_normal_, nn.ReLU()),
        (init.kaiming_uniform_, nn.ReLU()),
        (lambda w, generator: init.kaiming_normal_(w, a=0.3, generator=generator), nn.LeakyReLU(0.3)),
        (init.orthogonal_, nn.Identity()),
    ],
)
def test_each_scheme_keeps_the_rms_through_ten_layers(fill, nonlinearity):
    """LeCun, Xavier and orthogonal with no nonlinearity, Kaiming through the (leaky) ReLU it was made for."""
    generator = seeded(11)
    x = torch.randn(128, 256, generator=generator)
    for _ in range(10):
        w = fill(torch.empty(256, 256), generator=generator)
        x = nonlinearity(x) @ w.T
    assert 0.7 < rms(x) < 1.4


def test_fan_in_keeps_activations_and_fan_out_keeps_gradients():
    """The layer widens fourfold, so a weight can keep the one or the other."""
    x = torch.randn(512, 200, generator=seeded(1), requires_grad=True)
    seen = {}
    for mode in ("fan_in", "fan_out"):
        w = init.kaiming_normal_(torch.empty(800, 200), mode=mode, nonlinearity="linear", generator=seeded(2))
        y = x @ w.T
        (back,) = torch.autograd.grad(y, x, torch.randn(y.shape, generator=seeded(3)))
        seen[mode] = rms(y), rms(back)
    assert seen["fan_in"] == pytest.approx((1, 2), rel=0.05)
    assert seen["fan_out"] == pytest.approx((0.5, 1), rel=0.05)


@pytest.mark.parametrize(
    "nonlinearity",
    [
        *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)),
        *("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"),
    ],
)
def test_gains_are_those_of_torch(nonlinearity):
    assert init.calculate_gain(nonlinearity) == torch_init.calculate_gain(nonlinearity)
    for param in (0, 0.01, 1, 10, -0.5):
        assert init.calculate_gain(nonlinearity, param) == torch_init.calculate_gain(nonlinearity, param)


@pytest.mark.parametrize(
    ("f", "gain"),
    [
        (torch.relu, math.sqrt(2)),
        (lambda z: F.leaky_relu(z, 0.3), math.sqrt(2 / 1.09)),
        (nn.Identity(), 1),
        (F.selu, 1),  # which was made to have this
        (torch.sign, 1),
        (lambda z: (z > 0.5).to(z), 1 / math.sqrt(math.erfc(0.5 / math.sqrt(2)) / 2)),
        (lambda z: z**3, 1 / math.sqrt(15)),
        (torch.exp, math.exp(-1)),
        (torch.cos, 1 / math.sqrt((1 + math.exp(-2)) / 2)),
    ],
)
def test_the_gain_of_a_function_is_the_one_its_mean_square_gives(f, gain):
    assert init.gain_of(f) == pytest.approx(gain, rel=1e-6)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (torch.tanh, "tanh 1.593"),
        (F.gelu, "gelu 1.534"),
        (torch.sigmoid, "the sigmoid 1.846"),
    ],
)
def test_the_gains_that_the_docstring_names_are_those(f, said):
    named, number = said.rsplit(" ", 1)
    assert f"{number} of {named}" in " ".join((init.gain_of.__doc__ or "").split())
    assert f"{init.gain_of(f):.3f}" == number


@pytest.mark.parametrize("f", [torch.tanh, F.gelu, torch.sigmoid, torch.sin])
def test_weights_of_that_gain_give_back_the_mean_square_that_the_function_took(f):
    generator = seeded(1)
    z = torch.randn(256, 400, generator=generator)
    w = init.gain_of(f) * init.lecun_normal_(torch.empty(400, 400), generator=generator)
    assert rms(f(z) @ w.T) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("f", [torch.zeros_like, torch.log, lambda z: 1 / torch.zeros_like(z)])
def test_a_function_that_no_gain_can_help_is_refused_in_one_sentence(f):
    with pytest.raises(ValueError, match=r"no gain brings f\(z\) to a mean square of 1: .*is (0|nan|inf)$"):
        init.gain_of(f)


def test_the_fans_of_a_grouped_convolution_are_read_as_torch_reads_them():
    """fan_out is `groups` times what an input feeds, as the docstring says, counted here by hand."""
    layer = nn.Conv2d(16, 32, 3, groups=4, padding=1, bias=False)
    assert init.fans(layer.weight) == (4 * 9, 288)
    x = torch.zeros(1, 16, 7, 7, requires_grad=True)
    nn.init.ones_(layer.weight)
    layer(x).sum().backward()
    assert x.grad is not None
    assert x.grad[0, 0, 3, 3] == 288 / layer.groups


@pytest.mark.parametrize("kwargs", TRUNCATED, ids=str)
def test_trunc_normal_draws_from_the_distribution_torch_draws_from(kwargs):
    """Wherever the bounds lie: around the mean, beside it, and far out in either tail."""
    ours = quietly(init.trunc_normal_, torch.empty(6000), generator=seeded(1), **kwargs)
    theirs = quietly(torch_init.trunc_normal_, torch.empty(6000), generator=seeded(2), **kwargs)
    assert ours.unique().numel() > 4000
    assert_same_distribution(ours, theirs)


@pytest.mark.parametrize(("a", "b"), [(36.0, 37.0), (38.0, 39.0), (39.0, 39.01), (60.0, math.inf)])
def test_trunc_normal_draws_the_far_tail_that_a_float64_has_no_probability_for(a, b):
    """From 37 std on, on either side: held against the inverse of the tail's own distribution function."""
    empty = torch.empty(20_000, dtype=torch.float64)
    z = quietly(init.trunc_normal_, empty.clone(), a=a, b=b, generator=seeded(1))
    mirrored = quietly(init.trunc_normal_, empty.clone(), a=-b, b=-a, generator=seeded(2))
    grid = torch.linspace(a, min(b, a + 1), 20_001, dtype=torch.float64)
    density = torch.exp(-(grid - a) * (grid + a) / 2)
    share = torch.cumsum((density[1:] + density[:-1]) / 2, 0) / (density.sum() - (1 + density[-1]) / 2)
    picks = torch.searchsorted(share, torch.rand(20_000, dtype=torch.float64, generator=seeded(3)))
    exact = (grid[picks] + grid[picks + 1]) / 2
    for drawn in (z, -mirrored):
        assert drawn.min() >= a and drawn.max() <= b
        assert drawn.unique().numel() > 19_000
        assert_same_distribution(drawn, exact)


def test_trunc_normal_beyond_all_floats_is_the_bound():
    w = quietly(init.trunc_normal_, torch.empty(4), mean=1e308, std=1e-300, a=0.0, b=1.0)
    assert torch.equal(w, torch.ones(4))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    "kwargs",
    [*TRUNCATED, {"a": 40.0, "b": 41.0}, {"a": -math.inf, "b": -40.0}, {"a": 0.3, "b": 0.3}],
    ids=str,
)
def test_trunc_normal_stays_within_its_bounds_in_every_precision(kwargs, dtype):
    """Bounds as the dtype can write them; 40 std out, and between two equal bounds, as well."""
    w = quietly(init.trunc_normal_, torch.empty(10_000, dtype=dtype), generator=seeded(1), **kwargs)
    low, high = torch.tensor([kwargs.get("a", -2.0), kwargs.get("b", 2.0)], dtype=dtype)
    assert w.isfinite().all()
    assert w.min() >= low
    assert w.max() <= high


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_trunc_normal_puts_nothing_on_bounds_it_has_no_reason_to_reach(dtype):
    w = init.trunc_normal_(torch.empty(10_000, dtype=dtype), std=0.1, generator=seeded(1))
    assert w.abs().max() < 1
    assert w.float().std().item() == pytest.approx(0.1, rel=0.03)
    assert w.unique().numel() > 1000


def test_trunc_normal_at_two_std_leaves_the_std_its_docstring_names():
    w = init.trunc_normal_(torch.empty(400, 400), std=0.02, a=-0.04, b=0.04, generator=seeded(1))
    assert w.std().item() / 0.02 == pytest.approx(0.88, abs=0.005)


def test_trunc_normal_is_decided_by_its_generator():
    torch.manual_seed(42)
    by_global = init.trunc_normal_(torch.empty(50))
    by_own = init.trunc_normal_(torch.empty(50), generator=seeded(42))
    assert torch.equal(by_own, by_global)


@pytest.mark.parametrize("gain", [1, 0.4])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [*SHAPES, (1, 7), (7, 1), (5, 5)])
def test_orthogonal_has_every_singular_value_at_its_gain(shape, dtype, gain):
    """In half precision too, as far as that precision can write an orthogonal matrix."""
    w = init.orthogonal_(torch.empty(shape, dtype=dtype), gain=gain, generator=seeded(1))
    singular = torch.linalg.svdvals(w.double().flatten(1))
    tolerance = max(1e-6, 4 * torch.finfo(dtype).eps) if dtype != torch.float64 else 1e-12
    assert singular.tolist() == pytest.approx([gain] * len(singular), rel=tolerance)


def test_orthogonal_is_uniform_over_rotations_and_reflections():
    """Trace of mean 0 and mean square 1, as Haar's measure on O(3) has; QR alone leaves it below −0.5."""
    generator = seeded(1)
    draws = [init.orthogonal_(torch.empty(3, 3), generator=generator) for _ in range(1000)]
    traces = torch.stack(draws).diagonal(dim1=1, dim2=2).sum(1)
    assert abs(traces.mean()) < 4 / math.sqrt(1000)
    assert traces.square().mean().item() == pytest.approx(1, abs=0.15)
    assert torch.linalg.det(torch.stack(draws)).mean().abs() < 4 / math.sqrt(1000)


@pytest.mark.parametrize("dtype", [*DTYPES, torch.int64], ids=str)
@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (0, 3), (1, 1)])
def test_eye_is_exactly_that_of_torch(shape, dtype):
    ours = init.eye_(torch.full(shape, 7, dtype=dtype))
    assert torch.equal(ours, torch_init.eye_(torch.full(shape, 7, dtype=dtype)))


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize(
    "shape", [(6, 6, 3), (6, 2, 4), (12, 2, 3, 5), (6, 9, 1, 1), (6, 2, 3, 3, 3), (0, 2, 3)]
)
def test_dirac_is_exactly_that_of_torch(shape, groups):
    ours = init.dirac_(torch.full(shape, 7.0), groups)
    assert torch.equal(ours, torch_init.dirac_(torch.full(shape, 7.0), groups))


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("convolve", [F.conv1d, F.conv2d, F.conv3d])
def test_a_dirac_convolution_hands_its_input_on(convolve, groups):
    dimensions = {F.conv1d: 1, F.conv2d: 2, F.conv3d: 3}[convolve]
    x = torch.randn(2, 6, *[5] * dimensions, generator=seeded(1))
    w = init.dirac_(torch.empty(6, 6 // groups, *[3] * dimensions), groups)
    assert torch.equal(convolve(x, w, padding=1, groups=groups), x)


@pytest.mark.parametrize("shape", [(10, 4), (37, 5), (1, 3), (0, 3)])
@pytest.mark.parametrize("sparsity", [0.0, 0.07, 0.1, 0.5, 0.95, 1.0])
def test_sparse_zeroes_exactly_its_share_of_each_column(sparsity, shape):
    torch.manual_seed(0)
    ours = init.sparse_(torch.empty(shape), sparsity)
    torch.manual_seed(0)
    assert torch.equal(ours, torch_init.sparse_(torch.empty(shape), sparsity))
    assert (ours == 0).sum(0).tolist() == [math.ceil(sparsity * shape[0])] * shape[1]


def test_sparse_draws_what_it_keeps_from_a_normal_with_its_std():
    for std in (0.01, 0.3):
        w = init.sparse_(torch.empty(200, 100), 0.25, std, generator=seeded(1))
        assert_same_distribution(w[w != 0], std * torch.randn(15_000, generator=seeded(2)))


def test_sparse_takes_its_zeros_from_the_generator_too():
    first = init.sparse_(torch.empty(20, 10), 0.5, generator=seeded(1))
    assert torch.equal(first, init.sparse_(torch.empty(20, 10), 0.5, generator=seeded(1)))
    assert not torch.equal(first == 0, init.sparse_(torch.empty(20, 10), 0.5, generator=seeded(2)) == 0)


FILLS = [
    *(
        (name, (12, 6, 3), ())
        for name in ("uniform_", "normal_", "trunc_normal_", "ones_", "zeros_", "dirac_")
    ),
    *(
        (f"{family}_{form}_", (12, 6, 3), ())
        for family in ("xavier", "kaiming")
        for form in ("normal", "uniform")
    ),
    ("constant_", (12, 6, 3), (0.5,)),
    ("orthogonal_", (12, 6), ()),
    ("eye_", (12, 6), ()),
    ("sparse_", (12, 6), (0.5,)),
]
OURS_ALONE = [(f"lecun_{form}_", (12, 6, 3), ()) for form in ("normal", "uniform")]
CASES = [
    *(pytest.param(m, *fill, id=f"{m.__name__}.{fill[0]}") for m in (init, torch_init) for fill in FILLS),
    *(pytest.param(init, *fill, id=f"ours.{fill[0]}") for fill in OURS_ALONE),
]


@pytest.mark.parametrize(("module", "name", "shape", "args"), CASES)
def test_a_parameter_is_filled_in_place_and_remains_a_leaf_that_can_learn(module, name, shape, args):
    w = nn.Parameter(torch.full(shape, 9.0))
    storage = w.data_ptr()
    assert getattr(module, name)(w, *args) is w
    assert w.data_ptr() == storage
    assert (w != 9).any()
    assert w.is_leaf and w.requires_grad and w.grad_fn is None
    (grad,) = torch.autograd.grad(w.sum(), w)
    assert torch.equal(grad, torch.ones(shape))


@pytest.mark.parametrize(("module", "name", "shape", "args"), CASES)
def test_a_non_contiguous_view_is_filled_and_its_neighbours_are_not(module, name, shape, args):
    base = torch.full((*reversed(shape), 2), 9.0)
    view = base[..., 0].permute(*reversed(range(len(shape))))
    assert view.shape == shape and not view.is_contiguous()
    torch.manual_seed(1)
    getattr(module, name)(view, *args)
    assert (base[..., 1] == 9).all()
    if module is init and hasattr(torch_init, name) and name != "trunc_normal_":
        torch.manual_seed(1)
        other = torch.full((*reversed(shape), 2), 9.0)[..., 0].permute(*reversed(range(len(shape))))
        torch.testing.assert_close(view, getattr(torch_init, name)(other, *args))


def test_orthogonal_fills_a_non_contiguous_convolution():
    """A weight in channels-last memory, where torch stops with an error."""
    w = torch.empty(12, 6, 3, 3).to(memory_format=torch.channels_last)
    init.orthogonal_(w, generator=seeded(1))
    torch.testing.assert_close(w.flatten(1) @ w.flatten(1).T, torch.eye(12))


@pytest.mark.parametrize(("module", "name", "shape", "args"), CASES)
def test_a_tensor_without_storage_is_accepted(module, name, shape, args):
    w = torch.empty(shape, device="meta")
    assert getattr(module, name)(w, *args) is w


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(("module", "name", "shape", "args"), CASES)
def test_a_tensor_on_the_gpu_is_filled_there(module, name, shape, args):
    w = torch.full(shape, 9.0, device="cuda")
    assert getattr(module, name)(w, *args) is w
    assert w.is_cuda and w.isfinite().all() and (w != 9).any()
    if module is init and "generator" in inspect.signature(getattr(init, name)).parameters:
        draw = [
            getattr(init, name)(torch.empty_like(w), *args, generator=torch.Generator("cuda").manual_seed(1))
            for _ in range(2)
        ]
        assert torch.equal(*draw)


BAD = [
    ("xavier_normal_", (torch.empty(3),), {}),
    ("xavier_uniform_", (torch.empty(()),), {}),
    ("xavier_normal_", (torch.empty(0, 0),), {}),
    ("kaiming_normal_", (torch.empty(3),), {}),
    ("kaiming_uniform_", (torch.empty(()),), {}),
    ("kaiming_normal_", (torch.empty(3, 3),), {"mode": "fan_avg"}),
    ("kaiming_uniform_", (torch.empty(3, 3),), {"mode": 1}),
    ("kaiming_uniform_", (torch.empty(3, 3),), {"nonlinearity": "gelu"}),
    ("kaiming_normal_", (torch.empty(3, 3),), {"a": "steep"}),
    ("kaiming_normal_", (torch.empty(3),), {"mode": "fan_avg", "nonlinearity": "gelu"}),
    ("calculate_gain", ("swish",), {}),
    ("calculate_gain", ("ReLU",), {}),
    ("calculate_gain", ("leaky_relu", True), {}),
    ("calculate_gain", ("leaky_relu", [1]), {}),
    ("calculate_gain", ("leaky_relu", "0.1"), {}),
    ("_calculate_fan_in_and_fan_out", (torch.empty(3),), {}),
    ("eye_", (torch.empty(3),), {}),
    ("eye_", (torch.empty(3, 3, 3),), {}),
    ("dirac_", (torch.empty(3, 3),), {}),
    ("dirac_", (torch.empty(2, 2, 2, 2, 2, 2),), {}),
    ("dirac_", (torch.empty(4, 3, 3), 3), {}),
    ("dirac_", (torch.empty(4, 3, 3), 0), {}),
    ("dirac_", (torch.empty(4, 3, 0),), {}),
    ("sparse_", (torch.empty(3), 0.5), {}),
    ("sparse_", (torch.empty(3, 3, 3), 0.5), {}),
    ("sparse_", (torch.empty(3, 3),), {}),
    ("orthogonal_", (torch.empty(3),), {}),
    ("normal_", (torch.empty(3),), {"std": -1}),
    ("uniform_", (torch.empty(3), 1, 0), {}),
    ("trunc_normal_", (torch.empty(3),), {"a": 2, "b": -2}),
    ("trunc_normal_", (torch.empty(3),), {"std": 0}),
    *(
        (name, (torch.zeros(3, 3, dtype=torch.int64),), {})
        for name in (
            "uniform_",
            "normal_",
            "trunc_normal_",
            "xavier_normal_",
            "kaiming_uniform_",
            "orthogonal_",
        )
    ),
    ("constant_", (torch.empty(3), "one"), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), BAD, ids=lambda value: str(value).split("(")[0])
def test_bad_input_is_the_same_error_and_says_at_least_what_torch_says(name, args, kwargs):
    """So `except ValueError` and `match=` written for torch go on working."""
    with pytest.raises(Exception) as theirs:
        quietly(getattr(torch_init, name), *args, **kwargs)
    with pytest.raises(theirs.type) as ours:
        quietly(getattr(init, name), *args, **kwargs)
    assert ours.type is theirs.type
    if ours.type is ValueError:
        assert str(ours.value).startswith(str(theirs.value))


@pytest.mark.parametrize("name", ["lecun_normal_", "lecun_uniform_", "fans"])
def test_lecun_and_fans_refuse_a_bias_and_say_what_to_use(name):
    with pytest.raises(ValueError, match=r"fewer than 2 dimensions.*shape \(3,\).*zeros_"):
        getattr(init, name)(torch.empty(3))


@pytest.mark.parametrize(
    "kwargs",
    [
        {"std": -1.0},
        {"std": 0.0},
        {"a": 2.0, "b": -2.0},
        *({name: math.nan} for name in ("mean", "std", "a", "b")),
        *({"mean": value} for value in (math.inf, -math.inf)),
        {"std": math.inf},
        {"a": math.inf, "b": math.inf},
        {"a": -math.inf, "b": -math.inf},
    ],
    ids=str,
)
def test_trunc_normal_refuses_what_is_no_distribution_in_one_sentence(kwargs):
    """And leaves the tensor as it was."""
    w = torch.ones(3)
    with pytest.raises((RuntimeError, ZeroDivisionError)) as refused:
        init.trunc_normal_(w, **kwargs)
    said = str(refused.value)
    assert said.startswith(
        "trunc_normal_ expects a finite mean, a finite std > 0 and bounds a <= b, but found"
    )
    assert all(f"{name}={value}" in said for name, value in kwargs.items())
    assert "\n" not in said
    assert torch.equal(w, torch.ones(3))


@pytest.mark.parametrize(
    "kwargs", [{"std": 1e7}, {"std": 1e17}, {"std": 1e300}, {"mean": 1e9, "std": 1e20}], ids=str
)
def test_trunc_normal_of_a_huge_std_is_flat_between_the_bounds(kwargs):
    w = init.trunc_normal_(torch.empty(6000), generator=seeded(1), **kwargs)
    assert_same_distribution(w, torch.empty(6000).uniform_(-2, 2, generator=seeded(2)))


def warned(fill, *args, **kwargs):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fill(*args, **kwargs)
    return caught


WARNS = [
    *(
        (name, shape, {})
        for name in ("kaiming_normal_", "kaiming_uniform_")
        for shape in ((0,), (0, 4), (4, 0, 3))
    ),
    ("trunc_normal_", (4,), {"mean": 5.0}),
    ("trunc_normal_", (4,), {"mean": -4.1}),
    *((name, (4, 4), {}) for name in ("normal", "uniform", "eye", "orthogonal")),
    *((f"{family}_{form}", (4, 4), {}) for family in ("xavier", "kaiming") for form in ("normal", "uniform")),
    ("dirac", (4, 4, 3), {}),
    ("constant", (4,), {"val": 1.0}),
    ("sparse", (4, 4), {"sparsity": 0.5}),
]
SILENT = [
    ("trunc_normal_", (4,), {"mean": 4.0}),
    ("trunc_normal_", (0,), {}),
    ("orthogonal_", (0, 4), {}),
    ("xavier_normal_", (0, 4), {}),
    ("kaiming_normal_", (4, 4), {}),
]


@pytest.mark.parametrize(("name", "shape", "kwargs"), WARNS + SILENT)
def test_warnings_are_those_of_torch_and_point_at_the_line_that_called(name, shape, kwargs):
    ours, theirs = (warned(getattr(m, name), torch.zeros(shape), **kwargs) for m in (init, torch_init))
    assert [(w.category, str(w.message)) for w in ours] == [(w.category, str(w.message)) for w in theirs]
    assert bool(ours) == ((name, shape, kwargs) in WARNS)
    assert all(w.filename == __file__ for w in ours)


@pytest.mark.parametrize("name", ["lecun_normal_", "lecun_uniform_"])
def test_lecun_warns_of_a_tensor_without_elements_and_returns_it(name):
    w = torch.empty(0, 4)
    with pytest.warns(UserWarning, match="zero-element tensors is a no-op"):
        assert getattr(init, name)(w) is w


@pytest.mark.parametrize(
    "name", [n for n in torch_init.__all__ if not n.endswith("_") and n != "calculate_gain"]
)
def test_a_deprecated_name_does_what_its_successor_does(name):
    shape = (6, 4, 3) if name == "dirac" else (6, 4)
    args = {"constant": (0.5,), "sparse": (0.5,)}.get(name, ())
    torch.manual_seed(1)
    with pytest.warns(
        FutureWarning, match=f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`"
    ):
        old = getattr(init, name)(torch.empty(shape), *args)
    torch.manual_seed(1)
    assert torch.equal(old, getattr(init, f"{name}_")(torch.empty(shape), *args))
    assert getattr(init, name).__name__ == name


def reset_parameters(layer: nn.Module, init) -> None:
    """What torch's Linear and Conv layers do at birth, by whichever module is handed in."""
    init.kaiming_uniform_(layer.weight, a=math.sqrt(5))
    fan_in, _ = init._calculate_fan_in_and_fan_out(layer.weight)
    bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
    init.uniform_(layer.bias, -bound, bound)


def init_resnet(model: nn.Module, init) -> None:
    """How torchvision's ResNet starts, with the last norm of a branch at zero."""
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(m, nn.BatchNorm2d):
            init.constant_(m.weight, 1)
            init.constant_(m.bias, 0)
        elif isinstance(m, nn.Linear):
            init.orthogonal_(m.weight, init.calculate_gain("tanh"))
            init.zeros_(m.bias)


def init_recurrent(model: nn.Module, init) -> None:
    for name, p in model.named_parameters():
        if "weight_hh" in name:
            init.orthogonal_(p)
        elif "weight_ih" in name:
            init.xavier_uniform_(p.data, gain=init.calculate_gain("leaky_relu", 0.2))
        else:
            init.constant_(p.data, 0.0)


@pytest.mark.parametrize(
    ("build", "start"),
    [
        (lambda: nn.Linear(30, 20), reset_parameters),
        (lambda: nn.Conv2d(6, 8, 3, groups=2), reset_parameters),
        (lambda: nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 4)), init_resnet),
        (lambda: nn.LSTM(5, 7, num_layers=2), init_recurrent),
    ],
)
def test_code_written_for_torch_makes_the_same_model_with_either_module(build, start):
    states = []
    for module in (init, torch_init):
        torch.manual_seed(1)
        model = build()
        torch.manual_seed(2)
        start(model, module)
        states.append(model.state_dict())
    torch.testing.assert_close(*states)


def every_kind_of_layer() -> nn.Module:
    return nn.ModuleDict(
        {
            "linear": nn.Linear(12, 8),
            "bilinear": nn.Bilinear(4, 5, 6),
            "conv": nn.Conv2d(4, 8, 3, groups=2),
            "transposed": nn.ConvTranspose1d(4, 6, 3),
            "embedding": nn.Embedding(10, 4),
            "norms": nn.Sequential(nn.LayerNorm(4), nn.BatchNorm1d(4), nn.GroupNorm(2, 4)),
            "lstm": nn.LSTM(4, 6),
            "transformer": nn.Transformer(8, 2, 1, 1, 16, batch_first=True),
        }
    )


def test_torchs_own_layers_are_born_the_same_when_these_functions_serve_them(monkeypatch):
    torch.manual_seed(1)
    expected = every_kind_of_layer().state_dict()

    served = set()

    def counted(name):
        def serve(*args, **kwargs):
            served.add(name)
            return getattr(init, name)(*args, **kwargs)

        return serve

    for name in [*torch_init.__all__, "_calculate_fan_in_and_fan_out"]:
        monkeypatch.setattr(torch_init, name, counted(name))
    for name in ("constant_", "xavier_normal_", "xavier_uniform_"):  # imported by name for attention
        monkeypatch.setattr(nn.modules.activation, name, counted(name))

    torch.manual_seed(1)
    torch.testing.assert_close(every_kind_of_layer().state_dict(), expected)
    assert served >= {
        "kaiming_uniform_",
        "uniform_",
        "normal_",
        "ones_",
        "zeros_",
        "constant_",
        "xavier_uniform_",
        "_calculate_fan_in_and_fan_out",
    }


def test_old_names_are_the_functions_themselves_and_any_other_is_an_attribute_error():
    from initplay.lab.init import _no_grad_fill_, kaiming_normal

    assert _no_grad_fill_ is init.constant_
    assert kaiming_normal is init.kaiming_normal
    with pytest.raises(AttributeError, match=r"module 'initplay\.lab\.init' has no attribute 'glorot_'"):
        init.glorot_(torch.empty(3, 3))


def test_the_module_stays_on_its_side_of_the_walls():
    """`initplay.lab` does not load it; what it may load is among the walls of all rooms."""
    code = (
        "import sys, initplay.lab\n"
        "assert 'torch' not in sys.modules and 'initplay.lab.init' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
