#include "stats/series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace poolbench::stats {
namespace {

constexpr std::size_t kFewestBatches = 4;
constexpr double kStandardErrors = 3;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double squares_about(std::span<const double> values, double mean) {
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares;
}

std::vector<double> batch_means(std::span<const double> values) {
  std::vector<double> means;
  for (std::size_t first = 0; first + kMserBatch <= values.size(); first += kMserBatch) {
    const auto batch = values.subspan(first, kMserBatch);
    means.push_back(mean_of(batch));
  }
  return means;
}

/// Σ (Y − Ȳ)² / n².
double mser(std::span<const double> rest) {
  const auto n = static_cast<double>(rest.size());
  return squares_about(rest, mean_of(rest)) / (n * n);
}

/// The squared standard error of a mean.
double squared_error(std::span<const double> values, double mean) {
  const auto n = static_cast<double>(values.size());
  return squares_about(values, mean) / (n - 1) / n;
}

}  // namespace

std::optional<std::size_t> mser5(std::span<const double> values) {
  const std::vector<double> batches = batch_means(values);
  if (batches.size() < kFewestBatches) return std::nullopt;
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t left_out = 0; left_out <= batches.size() / 2; ++left_out) {
    const double error = mser(std::span(batches).subspan(left_out));
    if (error < least) {
      least = error;
      best = left_out;
    }
  }
  return best * kMserBatch;
}

bool halves_differ(std::span<const double> values, double least) {
  const std::vector<double> batches = batch_means(values);
  if (batches.size() < 2 * kFewestBatches) return false;
  const auto first = std::span(batches).first(batches.size() / 2);
  const auto second = std::span(batches).last(batches.size() / 2);
  const double before = mean_of(first), after = mean_of(second);
  const double error = std::sqrt(squared_error(first, before) + squared_error(second, after));
  const double difference = std::abs(before - after);
  return difference > least * std::abs(after) && difference > kStandardErrors * error;
}

namespace {

constexpr std::size_t kShortest = 2;  // values on either side of a split

struct Split {
  std::size_t index = 0;
  double statistic = 0;
};

/// Sums of |xᵢ − xⱼ| over any rectangle of indices in constant time.
class Distances {
 public:
  explicit Distances(std::span<const double> values)
      : side_(values.size() + 1), sums_(side_ * side_, 0.0) {
    for (std::size_t i = 1; i < side_; ++i) {
      double row = 0;
      for (std::size_t j = 1; j < side_; ++j) {
        row += std::abs(values[i - 1] - values[j - 1]);
        sums_[i * side_ + j] = sums_[(i - 1) * side_ + j] + row;
      }
    }
  }

  /// Over i in [a, b), j in [c, d).
  [[nodiscard]] double between(std::size_t a, std::size_t b, std::size_t c, std::size_t d) const {
    return at(b, d) - at(a, d) - at(b, c) + at(a, c);
  }

 private:
  [[nodiscard]] double at(std::size_t i, std::size_t j) const { return sums_[i * side_ + j]; }

  std::size_t side_;
  std::vector<double> sums_;
};

/// mn ÷ (m + n) times the energy distance between [0, split) and [split, end).
double divergence(const Distances& distances, std::size_t split, std::size_t end) {
  const auto m = static_cast<double>(split), n = static_cast<double>(end - split);
  const double across = 2 / (m * n) * distances.between(0, split, split, end);
  const double left = distances.between(0, split, 0, split) / (m * (m - 1));
  const double right = distances.between(split, end, split, end) / (n * (n - 1));
  return m * n / (m + n) * (across - left - right);
}

/// The right side may end before the stretch does, so that a change which was taken back is found.
Split best_split(std::span<const double> values) {
  const Distances distances(values);
  Split best;
  for (std::size_t split = kShortest; split + kShortest <= values.size(); ++split) {
    for (std::size_t end = split + kShortest; end <= values.size(); ++end) {
      const double statistic = divergence(distances, split, end);
      if (statistic > best.statistic) best = {split, statistic};
    }
  }
  return best;
}

/// Whether at most a share `significance` of the orders of these values, the one at hand among
/// them, has a split as good.
bool is_significant(std::span<const double> values, double statistic, double significance,
                    std::mt19937_64& random) {
  const auto orders = static_cast<int>(std::lround(1 / significance));
  std::vector<double> shuffled(values.begin(), values.end());
  for (int order = 1; order < orders; ++order) {
    for (std::size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[random() % i]);  // the bias of % is below 2⁻⁵⁷
    }
    if (best_split(shuffled).statistic >= statistic) return false;
  }
  return true;
}

/// Adds the change points of a stretch that begins at `from` to `found`.
void search_stretch(std::span<const double> values, std::size_t from, double significance,
                    std::mt19937_64& random, std::vector<std::size_t>& found) {
  if (values.size() < 2 * kShortest) return;
  const Split best = best_split(values);
  if (best.index == 0 || !is_significant(values, best.statistic, significance, random)) return;
  search_stretch(values.first(best.index), from, significance, random, found);
  found.push_back(from + best.index);
  search_stretch(values.subspan(best.index), from + best.index, significance, random, found);
}

std::vector<std::size_t> search_windows(std::span<const double> values,
                                        const ChangePointSearch& search) {
  std::vector<std::size_t> found;
  std::mt19937_64 random(search.seed);
  for (std::size_t from = 0; from < values.size();) {
    const std::size_t length = std::min(search.window, values.size() - from);
    const std::size_t before = found.size();
    search_stretch(values.subspan(from, length), from, search.significance, random, found);
    if (from + length == values.size()) break;
    from = found.size() > before ? found.back() : from + std::max<std::size_t>(length / 2, 1);
  }
  return found;
}

double median(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[middle];
  return sorted[middle - 1] / 2 + sorted[middle] / 2;
}

std::vector<ChangePoint> with_levels(std::span<const double> values,
                                     const std::vector<std::size_t>& indices) {
  std::vector<ChangePoint> points;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::size_t from = i == 0 ? 0 : indices[i - 1];
    const std::size_t to = i + 1 == indices.size() ? values.size() : indices[i + 1];
    points.push_back({indices[i], median(values.subspan(from, indices[i] - from)),
                      median(values.subspan(indices[i], to - indices[i]))});
  }
  return points;
}

double shift_of(const ChangePoint& point) { return std::abs(point.after - point.before); }

}  // namespace

std::vector<ChangePoint> change_points(std::span<const double> values,
                                       const ChangePointSearch& search) {
  auto indices = search_windows(values, search);
  auto points = with_levels(values, indices);
  while (!points.empty()) {
    // The smallest first: without it its neighbours' levels are others.
    const auto smallest = std::min_element(
        points.begin(), points.end(),
        [](const ChangePoint& a, const ChangePoint& b) { return shift_of(a) < shift_of(b); });
    if (shift_of(*smallest) >= search.least_shift) break;
    indices.erase(indices.begin() + (smallest - points.begin()));
    points = with_levels(values, indices);
  }
  return points;
}

}  // namespace poolbench::stats
