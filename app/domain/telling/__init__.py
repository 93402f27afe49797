"""What people read: plain words, shapes of columns, comparisons and reports."""
