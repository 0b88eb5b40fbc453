"""Report: products to figures, numbers and one page that works offline."""
