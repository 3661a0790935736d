#include "report/quantiles.h"

#include <algorithm>
#include <array>

#include "stats/histogram.h"

namespace poolbench::report {
namespace {

constexpr std::array<NamedQuantile, 7> kQuantiles{
    {{"p50", "p50", 0.5, 2, &Quantiles::p50},
     {"p75", "p75", 0.75, 4, &Quantiles::p75},
     {"p90", "p90", 0.9, 10, &Quantiles::p90},
     {"p95", "p95", 0.95, 20, &Quantiles::p95},
     {"p99", "p99", 0.99, 100, &Quantiles::p99},
     {"p999", "p99.9", 0.999, 1'000, &Quantiles::p999},
     {"p9999", "p99.99", 0.9999, 10'000, &Quantiles::p9999}}};

}  // namespace

std::span<const NamedQuantile> named_quantiles() { return kQuantiles; }

void drop_unsupported(Quantiles& quantiles) {
  const bool has_p95 = quantiles.answers_beyond == kAnswersBeyond;
  if (!has_p95) quantiles.p95.reset();
  for (const NamedQuantile& quantile : kQuantiles) {
    if (quantiles.count < quantile.needs(quantiles.answers_beyond)) {
      (quantiles.*quantile.member).reset();
    }
  }
  if (quantiles.count == 0) quantiles.mean = quantiles.max = std::nullopt;
}

Quantiles quantiles_of(const stats::Histogram& histogram, std::uint64_t answers_beyond) {
  Quantiles quantiles;
  quantiles.count = histogram.count();
  quantiles.answers_beyond = answers_beyond;
  if (quantiles.count == 0) return quantiles;
  quantiles.mean = histogram.mean();
  quantiles.max = static_cast<double>(histogram.max());
  for (const NamedQuantile& quantile : kQuantiles) {
    quantiles.*quantile.member = static_cast<double>(histogram.value_at_quantile(quantile.q));
  }
  drop_unsupported(quantiles);
  return quantiles;
}

}  // namespace poolbench::report
