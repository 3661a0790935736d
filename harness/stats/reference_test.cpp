// Every estimate, interval and p value against SciPy's; tools/reference-values made the data.
#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "stats/inference.h"

namespace poolbench::stats {
namespace {

using base::Json;

const Json& scipy() {
  static const Json data = Json::parse(
      base::read_file(std::string(POOLBENCH_SOURCE_DIR) + "/harness/stats/testdata/scipy.json")
          .value_or("{}"));
  return data;
}

std::vector<double> numbers(const Json& json) { return json.get<std::vector<double>>(); }

template <typename Estimator>
void expect_intervals(const Estimator& estimator, const Json& expected) {
  const auto confidences = numbers(scipy().at("confidences"));
  ASSERT_EQ(expected.size(), confidences.size());
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    const auto interval = estimator.interval(confidences[i]);
    ASSERT_EQ(interval.has_value(), !expected[i].is_null()) << confidences[i];
    if (!interval) continue;
    EXPECT_NEAR(interval->low, expected[i][0].template get<double>(), 1e-12);
    EXPECT_NEAR(interval->high, expected[i][1].template get<double>(), 1e-12);
  }
}

TEST(ReferenceTest, LocationAgreesWithScipy) {
  for (const Json& expected : scipy().at("location")) {
    const auto values = numbers(expected["values"]);
    SCOPED_TRACE(values.size());
    const Location location(values);
    EXPECT_NEAR(location.estimate(), expected["estimate"].get<double>(), 1e-12);
    expect_intervals(location, expected["intervals"]);
    EXPECT_NEAR(location.p_value(0), expected["p_two_sided"].get<double>(), 1e-10);
    EXPECT_NEAR(location.p_below(0), expected["p_below_zero"].get<double>(), 1e-10);
    EXPECT_NEAR(location.p_within(-0.1, 0.1), expected["p_within_tenth"].get<double>(), 1e-10);
  }
}

TEST(ReferenceTest, ShiftAgreesWithScipy) {
  for (const Json& expected : scipy().at("shift")) {
    const auto first = numbers(expected["first"]), second = numbers(expected["second"]);
    SCOPED_TRACE(first.size());
    const Shift shift(first, second);
    EXPECT_NEAR(shift.estimate(), expected["estimate"].get<double>(), 1e-12);
    expect_intervals(shift, expected["intervals"]);
  }
}

TEST(ReferenceTest, BenjaminiHochbergAgreesWithScipy) {
  for (const Json& expected : scipy().at("benjamini_hochberg")) {
    const auto adjusted = benjamini_hochberg(numbers(expected["p"]));
    ASSERT_EQ(adjusted.size(), expected["adjusted"].size());
    for (std::size_t i = 0; i < adjusted.size(); ++i) {
      EXPECT_NEAR(adjusted[i], expected["adjusted"][i].get<double>(), 1e-12);
    }
  }
}

TEST(ReferenceTest, SessionAllowanceAgreesWithScipysStudent) {
  for (const Json& expected : scipy().at("student_t_975")) {
    std::vector<double> values(expected[0].get<std::size_t>() + 1, 0.0);
    values.front() = std::sqrt(static_cast<double>(values.size()) / 2);  // a variance of one half
    EXPECT_NEAR(run_allowance(values, std::vector<double>(values.size())),
                expected[1].get<double>(), 1e-9);
  }
}

}  // namespace
}  // namespace poolbench::stats
