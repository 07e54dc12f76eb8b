"""Pictures of graphs: SVG, text twin, DOT, notebook bundle, live widget.

Law: the only room that knows ipywidgets and anywidget; draws what the graph says and decides nothing.
"""
