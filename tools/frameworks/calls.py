"""How each library is called: the text that a user would type is the text that is run.

Old syntax only: MXNet runs under Python 3.8.
"""

from typing import NamedTuple


class Library(NamedTuple):
    """A library: its name, the imports of its calls, and how an input becomes its array."""

    name: str
    imports: str
    convert: str  # an expression in `a`, a NumPy array, and `dtype`, the dtype's name
    packages: tuple  # whose versions are recorded, the library's own first
    settings: dict  # of the process, before the import
    lacks: tuple = ()  # dtypes that it does not have


NUMPY = "import numpy as np"
KERAS = "import keras"
SCIPY = NUMPY + "\nfrom scipy.special import log_softmax, logsumexp, softmax"
TF = {"TF_CPP_MIN_LOG_LEVEL": "3"}

LIBRARIES = {
    "torch": Library(
        "PyTorch",
        "import torch\nimport torch.nn.functional as F",
        "torch.tensor(a).to(getattr(torch, dtype))",
        ("torch",),
        {},
    ),
    "tensorflow": Library(
        "TensorFlow",
        "import tensorflow as tf",
        "tf.cast(tf.constant(a), dtype)",
        ("tensorflow",),
        TF,
    ),
    "keras-tensorflow": Library(
        "Keras on TensorFlow",
        KERAS,
        "keras.ops.convert_to_tensor(a, dtype=dtype)",
        ("keras", "tensorflow"),
        dict(TF, KERAS_BACKEND="tensorflow"),
    ),
    "keras-torch": Library(
        "Keras on PyTorch",
        KERAS,
        "keras.ops.convert_to_tensor(a, dtype=dtype)",
        ("keras", "torch"),
        dict(KERAS_BACKEND="torch"),
    ),
    "jax": Library(
        "JAX",
        "import jax\nimport jax.numpy as jnp",
        "jnp.asarray(a).astype('bfloat16') if dtype == 'bfloat16' else jnp.asarray(a)",
        ("jax",),
        dict(JAX_PLATFORMS="cpu"),
    ),
    "optax": Library(
        "Optax",
        "import jax\nimport jax.numpy as jnp\nimport optax",
        "jnp.asarray(a).astype('bfloat16') if dtype == 'bfloat16' else jnp.asarray(a)",
        ("optax", "jax"),
        dict(JAX_PLATFORMS="cpu"),
    ),
    "scipy": Library("SciPy", SCIPY, "a", ("scipy", "numpy"), {}, lacks=("bfloat16",)),
    "sklearn": Library(
        "scikit-learn",
        SCIPY + "\nfrom sklearn.metrics import log_loss",
        "a",
        ("scikit-learn", "scipy", "numpy"),
        {},
        lacks=("bfloat16",),
    ),
    "numpy": Library("NumPy", NUMPY, "a", ("numpy",), {}, lacks=("bfloat16",)),
    "mxnet": Library(
        "MXNet",
        "import mxnet as mx\nfrom mxnet.gluon.loss import SoftmaxCrossEntropyLoss",
        "mx.nd.array(a, dtype=dtype)",
        ("mxnet", "numpy"),
        dict(MXNET_MKLDNN_ENABLED="0"),
        lacks=("bfloat16", "bool", "complex128"),
    ),
}


class Operation(NamedTuple):
    """What is computed, and each library's call for it."""

    about: str
    calls: dict


def calls(**calls):
    """Return the calls by library; those of Keras are the same text on both backends."""
    both = calls.pop("keras")
    return dict(calls, **{"keras-tensorflow": both, "keras-torch": both})


def gradients(torch, tensorflow, keras, jax=None, optax=None, mxnet=None):
    """Return calls for the derivative of the sum of the losses by z, from a loss of each."""
    tape = (
        "with tf.GradientTape() as tape:\n    tape.watch(z)\n    loss = {}\ntape.gradient(loss, z)"
    )
    backward = "z.requires_grad_()\n({}).sum().backward()\nz.grad"
    made = {
        "torch": backward.format(torch),
        "tensorflow": tape.format(tensorflow),
        "keras-tensorflow": "import tensorflow as tf\n" + tape.format(keras),
        "keras-torch": backward.format(keras),
    }
    for name, loss in (("jax", jax), ("optax", optax)):
        if loss:
            made[name] = f"jax.grad(lambda z: ({loss}).sum())(z)"
    if mxnet:
        record = (
            "z.attach_grad()\nwith mx.autograd.record():\n    loss = {}\nloss.backward()\nz.grad"
        )
        made["mxnet"] = record.format(mxnet)
    return made


SPARSE = "keras.losses.SparseCategoricalCrossentropy({})(y, {})"
DENSE = "keras.losses.CategoricalCrossentropy({})(t, z)"
LOSS = dict(
    torch='F.cross_entropy(z, y, reduction="none")',
    tensorflow="tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)",
    keras=SPARSE.format('from_logits=True, reduction="none"', "z"),
    jax="-jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=-1)[:, 0]",
    optax="optax.softmax_cross_entropy_with_integer_labels(z, y)",
    mxnet="SoftmaxCrossEntropyLoss()(z, y)",
)
ROWS = dict(
    torch='F.cross_entropy(z, t, reduction="none")',
    tensorflow="tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=z)",
    keras=DENSE.format('from_logits=True, reduction="none"'),
    jax="-(t * jax.nn.log_softmax(z)).sum(-1)",
    optax="optax.softmax_cross_entropy(z, t)",
    mxnet="SoftmaxCrossEntropyLoss(sparse_label=False)(z, t)",
)
ONE_BY_ONE = "[log_loss([k], [q], labels=range(len(q))) for k, q in zip(y, {})]"
OF_SOFTMAX = ONE_BY_ONE.format("softmax(z, axis=-1)")

MASKED = NUMPY + "\nm = np.ma.masked_array([1.0, 2, 3], mask=[False, False, True])\n"

OPERATIONS = {
    "softmax": Operation(
        "softmax over the last axis",
        calls(
            torch="torch.softmax(x, dim=-1)",
            tensorflow="tf.nn.softmax(x)",
            keras="keras.ops.softmax(x)",
            jax="jax.nn.softmax(x)",
            scipy="softmax(x, axis=-1)",
            mxnet="mx.nd.softmax(x)",
        ),
    ),
    "softmax, axis left out": Operation(
        "softmax as it comes, without an axis",
        calls(
            torch="torch.softmax(x)",
            tensorflow="tf.nn.softmax(x)",
            keras="keras.ops.softmax(x)",
            jax="jax.nn.softmax(x)",
            scipy="softmax(x)",
            mxnet="mx.nd.softmax(x)",
        ),
    ),
    "softmax, axis 5": Operation(
        "softmax over an axis that is not there",
        calls(
            torch="torch.softmax(x, dim=5)",
            tensorflow="tf.nn.softmax(x, axis=5)",
            keras="keras.ops.softmax(x, axis=5)",
            jax="jax.nn.softmax(x, axis=5)",
            scipy="softmax(x, axis=5)",
            mxnet="mx.nd.softmax(x, axis=5)",
        ),
    ),
    "softmax of a masked array": Operation(
        "softmax of NumPy's masked array m",
        {
            name: MASKED + call
            for name, call in calls(
                torch="torch.softmax(torch.as_tensor(m), dim=-1)",
                tensorflow="tf.nn.softmax(m)",
                keras="keras.ops.softmax(m)",
                jax="jax.nn.softmax(m)",
                scipy="softmax(m, axis=-1)",
            ).items()
        },
    ),
    "log-softmax": Operation(
        "the logarithm of softmax over the last axis",
        calls(
            torch="torch.log_softmax(x, dim=-1)",
            tensorflow="tf.nn.log_softmax(x)",
            keras="keras.ops.log_softmax(x)",
            jax="jax.nn.log_softmax(x)",
            scipy="log_softmax(x, axis=-1)",
            mxnet="mx.nd.log_softmax(x)",
        ),
    ),
    "logsumexp": Operation(
        "log(sum(exp(x))) over the last axis",
        calls(
            torch="torch.logsumexp(x, dim=-1)",
            tensorflow="tf.reduce_logsumexp(x, axis=-1)",
            keras="keras.ops.logsumexp(x, axis=-1)",
            jax="jax.nn.logsumexp(x, axis=-1)",
            scipy="logsumexp(x, axis=-1)",
            numpy="np.logaddexp.reduce(x, axis=-1)",
        ),
    ),
    "sum": Operation(
        "the plain sum of x",
        calls(
            torch="x.sum()",
            tensorflow="tf.reduce_sum(x)",
            keras="keras.ops.sum(x)",
            jax="x.sum()",
            numpy="x.sum()",
        ),
    ),
    "running sum": Operation(
        "the last entry of the running sum of x",
        calls(
            torch="x.cumsum(0)[-1]",
            tensorflow="tf.cumsum(x)[-1]",
            keras="keras.ops.cumsum(x)[-1]",
            jax="x.cumsum()[-1]",
            numpy="x.cumsum()[-1]",
        ),
    ),
    "sum of softmax": Operation(
        "the sum of all probabilities, taken in float64",
        calls(
            torch="torch.softmax(x, dim=-1).double().sum()",
            tensorflow='tf.reduce_sum(tf.cast(tf.nn.softmax(x), "float64"))',
            keras='keras.ops.convert_to_numpy(keras.ops.softmax(x)).astype("float64").sum()',
            jax='jax.device_get(jax.nn.softmax(x)).astype("float64").sum()',
            scipy='softmax(x, axis=-1).astype("float64").sum()',
            mxnet='mx.nd.softmax(x).asnumpy().astype("float64").sum()',
        ),
    ),
    "loss": Operation(
        "cross-entropy of logits z and class numbers y, one loss for each row",
        calls(
            **LOSS,
            scipy="-log_softmax(z, axis=-1)[np.arange(len(y)), y]",
            sklearn=OF_SOFTMAX,
        ),
    ),
    "gradient": Operation("the derivative of the sum of these losses by z", gradients(**LOSS)),
    "loss, rows of labels": Operation(
        "cross-entropy of logits z and rows of labels t, one loss for each row",
        calls(**ROWS, scipy="-(t * log_softmax(z, axis=-1)).sum(-1)"),
    ),
    "gradient, rows of labels": Operation(
        "the derivative of the sum of these losses by z", gradients(**ROWS)
    ),
    "gradient through log(softmax)": Operation(
        "the same derivative, where softmax and the logarithm are two steps",
        gradients(
            torch="-torch.log(torch.softmax(z, dim=-1)).gather(-1, y[:, None])",
            tensorflow="-tf.gather(tf.math.log(tf.nn.softmax(z)), y, batch_dims=1)",
            keras="-keras.ops.take_along_axis("
            "keras.ops.log(keras.ops.softmax(z)), y[:, None], axis=-1)",
            jax="-jnp.take_along_axis(jnp.log(jax.nn.softmax(z)), y[:, None], axis=-1)",
        ),
    ),
    "mean loss": Operation(
        "the loss for class numbers as it comes, where a library then takes the mean",
        calls(
            torch="F.cross_entropy(z, y)",
            keras=SPARSE.format("from_logits=True", "z"),
            sklearn="log_loss(y, softmax(z, axis=-1), labels=range(z.shape[-1]))",
        ),
    ),
    "mean loss, -100 ignored": Operation(
        "the mean loss, with -100 declared as the label to ignore",
        calls(
            torch="F.cross_entropy(z, y, ignore_index=-100)",
            keras=SPARSE.format("from_logits=True, ignore_class=-100", "z"),
        ),
    ),
    "weighted mean loss": Operation(
        "the mean loss with one weight for each class, w",
        calls(
            torch="F.cross_entropy(z, y, weight=w)",
            keras="keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
            "(y, z, sample_weight=keras.ops.take(w, y))",
            sklearn="log_loss(y, softmax(z, axis=-1), sample_weight=w[y], "
            "labels=range(z.shape[-1]))",
            mxnet="losses = SoftmaxCrossEntropyLoss()(z, y, mx.nd.take(w, y).reshape((-1, 1)))\n"
            "losses.mean().asscalar()",
        ),
    ),
    "smoothed loss": Operation(
        "the loss for class numbers y, or their rows t, with label smoothing of 0.1",
        calls(
            torch='F.cross_entropy(z, y, reduction="none", label_smoothing=0.1)',
            keras=DENSE.format('from_logits=True, label_smoothing=0.1, reduction="none"'),
            optax="optax.softmax_cross_entropy(z, optax.smooth_labels(t, 0.1))",
        ),
    ),
    "loss of probabilities": Operation(
        "cross-entropy of probabilities p and class numbers y",
        calls(
            torch='F.nll_loss(torch.log(p), y, reduction="none")',
            tensorflow="-tf.math.log(tf.gather(p, y, batch_dims=1))",
            keras=SPARSE.format('reduction="none"', "p"),
            jax="-jnp.log(jnp.take_along_axis(p, y[:, None], axis=-1)[:, 0])",
            sklearn="[log_loss(y, p, labels=range(p.shape[-1]))]",
        ),
    ),
    "loss of softmax": Operation(
        "the loss of probabilities, where they are made by softmax just before",
        calls(
            torch='F.nll_loss(torch.log(torch.softmax(z, dim=-1)), y, reduction="none")',
            tensorflow="-tf.math.log(tf.gather(tf.nn.softmax(z), y, batch_dims=1))",
            keras=SPARSE.format('reduction="none"', "keras.activations.softmax(z)"),
            jax="-jnp.log(jnp.take_along_axis(jax.nn.softmax(z), y[:, None], axis=-1)[:, 0])",
            sklearn=OF_SOFTMAX,
        ),
    ),
    "loss of softmax, another spelling": Operation(
        "the same, with the plain softmax of the library below Keras",
        {
            "keras-tensorflow": "import tensorflow as tf\n"
            + SPARSE.format('reduction="none"', "tf.nn.softmax(z)"),
            "keras-torch": "import torch\n"
            + SPARSE.format('reduction="none"', "torch.softmax(z, dim=-1)"),
        },
    ),
    "loss of softmax, in a tf.function": Operation(
        "the same, where TensorFlow compiles the function that calls both",
        {
            "keras-tensorflow": "import tensorflow as tf\n"
            "loss = tf.function(lambda y, z: "
            + SPARSE.format('reduction="none"', "tf.nn.softmax(z)")
            + ")\nloss(y, z)",
        },
    ),
    "loss of a model that ends in softmax": Operation(
        "the same, where a model ends in softmax: model.evaluate",
        calls(
            keras='model = keras.Sequential([keras.layers.Activation("softmax")])\n'
            'model.compile(loss="sparse_categorical_crossentropy")\n'
            "model.evaluate(z, y, verbose=0)",
        ),
    ),
    "logits taken for probabilities": Operation(
        "the loss of (log-)probabilities, given logits z by mistake",
        calls(
            torch='F.nll_loss(z, y, reduction="none")',
            keras=SPARSE.format('reduction="none"', "z"),
            sklearn=ONE_BY_ONE.format("z"),
            mxnet="SoftmaxCrossEntropyLoss(from_logits=True)(z, y)",
        ),
    ),
    "probabilities taken for logits": Operation(
        "the loss of logits, given probabilities p by mistake",
        calls(
            **{
                k: v.replace("(z, y", "(p, y")
                .replace("logits=z", "logits=p")
                .replace("(y, z)", "(y, p)")
                .replace("log_softmax(z)", "log_softmax(p)")
                for k, v in LOSS.items()
            }
        ),
    ),
    "masked softmax": Operation(
        "softmax over the entries that mask allows",
        calls(
            torch="torch.softmax(x.masked_fill(~mask, -torch.inf), dim=-1)",
            tensorflow='tf.nn.softmax(tf.where(mask, x, tf.constant(float("-inf"), x.dtype)))',
            keras="keras.layers.Softmax(dtype=x.dtype)(x, mask=mask)",
            jax="jax.nn.softmax(x, where=mask)",
            scipy="softmax(np.where(mask, x, x.dtype.type(-np.inf)), axis=-1)",
        ),
    ),
    "attention": Operation(
        "scaled dot-product attention of queries q, keys k and values v, of length 1",
        calls(
            torch="F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
            keras="keras.ops.dot_product_attention("
            "q[None, :, None], k[None, :, None], v[None, :, None], mask=mask[None, None])"
            "[0, :, 0]",
            jax="jax.nn.dot_product_attention(q[:, None], k[:, None], v[:, None], mask=mask[None])"
            "[:, 0]",
        ),
    ),
    "attention, float mask": Operation(
        "the same, with a mask of numbers that are added to the scores",
        calls(
            torch="F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
            keras="keras.ops.dot_product_attention("
            "q[None, :, None], k[None, :, None], v[None, :, None], bias=mask[None, None])"
            "[0, :, 0]",
            jax="jax.nn.dot_product_attention(q[:, None], k[:, None], v[:, None], bias=mask[None])"
            "[:, 0]",
        ),
    ),
}
