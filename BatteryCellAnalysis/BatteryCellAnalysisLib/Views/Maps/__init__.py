"""Maps in the panel: one of several, drawn as small squares, a click on which leads into the views."""
