"""Objects merged, split and removed by hand."""
