"""Pictures of graphs: SVG, text twin, DOT, notebook bundle, live widget.

Law: the only room that knows ipywidgets and anywidget; draws what the graph says and decides nothing.

In reading order:

    picture.py   a picture as a value
    text.py      text: the door it comes in by, how wide it is; colours, light and dark
    cards.py     one card
    svg.py       a graph as SVG
    alt_text.py  a graph in words
    placement_table.py  a scheduler's decision as a table
    flow.py      requests that were sent
    rollout.py   a Deployment's versions, side by side
    timeline.py  a pod's states
    steps.py     one run of a controller
    live.py      a picture that follows a watch; a question with its choices, and the truth beside the bet
    playground.py  a live picture with things to do around it
    explanation.py  a chain of evidence as cards
    sketch.py    what a lesson draws to explain something
"""
