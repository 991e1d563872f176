"""Checks of notebook 01, Draw the network."""

from lesson.checks import NotYet, call, compare, exercise, short


@exercise
def check_digits(answer):
    compare(
        answer,
        right=784 * 128 + 128 + 128 * 10 + 10,
        wrong=[
            (784 * 128 + 128 * 10, "These are the weights. Where are the biases?"),
            (
                784 * 128 + 784 + 128 * 10 + 128,
                "The biases belong to the nodes that edges lead to, not to those they come from.",
            ),
            (
                784 + 784 * 128 + 128 + 128 * 10 + 10,
                "You gave the inputs biases too. No edge leads to an input.",
            ),
            (784 * 128 + 128, "You stopped at the hidden layer: 128 nodes lead on to 10."),
            (784 + 128 + 10, "This counts the nodes. Parameters sit on the edges, too."),
            (784 * 128 * 10, "Edges join neighbouring layers only: add the pairs up."),
        ],
        otherwise="{answer} is not it. Count the weights of the two pairs of layers, "
        "then one bias for each node that edges lead to.",
    )
    return (
        "100,352 + 1,280 weights and 128 + 10 biases: nearly all parameters lie in the first map."
    )


@exercise
def check_num_parameters(function):
    weights_only = "Your function counts the weights and leaves the biases out."
    source_biases = (
        "Your function adds a bias for each node that edges come from. The biases belong to "
        "the nodes that edges lead to."
    )
    input_biases = "Your function gives the inputs biases. No edge leads to an input."
    for layers, right, wrong in [
        ([10, 7, 5], 117, [(105, weights_only), (122, source_biases), (127, input_biases)]),
        ([4, 3], 15, [(12, weights_only), (16, source_biases), (19, input_biases)]),
        ([3, 4, 5, 6], 77, []),
        ([8], 0, [(8, input_biases)]),
    ]:
        result = call(function, list(layers), given=f"num_node_list = {layers}")
        compare(
            result,
            right,
            wrong,
            f"For {layers} your function returns {{answer}}; the network has {right} parameters.",
        )
    return "Your function knows nothing of 10-7-5 and counts any list, even one layer with no edge."


def drawn_layers(fig):
    """Return the number of nodes in each column of a drawn network, left to right."""
    columns = [round(patch.center[0], 3) for patch in fig.axes[0].patches]
    return [columns.count(x) for x in sorted(set(columns))]


@exercise
def check_redrawn(fig):
    if not hasattr(fig, "axes") or not fig.axes:
        raise NotYet(f"A figure is expected, not {short(fig)}: keep what plot_net returns.")
    layers = drawn_layers(fig)
    if layers == [2, 3, 6, 4]:
        raise NotYet("The layers run the wrong way: the 4 inputs stand on the left.")
    if len(layers) != 4:
        raise NotYet(f"Your network has {len(layers)} layers; 4, 6, 3 and 2 nodes make four.")
    if layers != [4, 6, 3, 2]:
        raise NotYet(f"Your layers have {layers} nodes; 4, 6, 3 and 2 are asked for.")
    if tuple(fig.get_size_inches()) != (12, 5):
        width, height = fig.get_size_inches()
        raise NotYet(f"The canvas is {width:g} by {height:g} inches; 12 by 5 is asked for.")
    return "Four layers take three maps, with 24 + 18 + 6 = 48 edges between them."


@exercise
def check_inputs(answer):
    compare(
        answer,
        right=12,
        wrong=[
            (
                (131 - 24) / 8,
                "You left all biases out: 8 hidden nodes and 3 outputs have one each.",
            ),
            ((131 - 24 - 8) / 8, "You left the biases of the 3 outputs out."),
            ((131 - 24 - 3) / 8, "You left the biases of the 8 hidden nodes out."),
            (12 * 8, "This is the number of weights into the hidden layer: divide by its 8 nodes."),
        ],
        otherwise="With {answer} inputs the network would not have 131 parameters. "
        "Write 131 as a sum in which only the number of inputs is unknown.",
    )
    return "12 · 8 + 8 + 8 · 3 + 3 = 131."
