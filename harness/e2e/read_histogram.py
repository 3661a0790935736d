"""Prints what the reference HdrHistogram library reads from an encoded histogram."""

import json
import sys

from hdrh.histogram import HdrHistogram

histogram = HdrHistogram.decode(sys.argv[1])
print(json.dumps({
    "count": histogram.get_total_count(),
    "p50": histogram.get_value_at_percentile(50),
    "max": histogram.get_max_value(),
    "mean": histogram.get_mean_value(),
}))
