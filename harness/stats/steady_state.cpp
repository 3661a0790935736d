#include "stats/steady_state.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

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

}  // namespace poolbench::stats
