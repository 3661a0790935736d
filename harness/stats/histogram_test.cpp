#include "stats/histogram.h"

#include <gmock/gmock.h>

#include <cmath>

namespace poolbench::stats {
namespace {

// Made with the PyPI package hdrhistogram 0.10.8: HdrHistogram(1, 3600000000, 3), record_value for
// each value, then encode(), get_min_value(), get_max_value(), get_mean_value() and
// get_value_at_percentile(50, 75, 90, 99, 99.9).
struct Reference {
  std::string name;
  std::vector<std::uint64_t> values;
  std::string encoded;
  std::uint64_t min, max;
  double mean;
  std::array<std::uint64_t, 5> quantiles;
};
constexpr std::array<double, 5> kQuantiles = {0.5, 0.75, 0.9, 0.99, 0.999};

std::vector<std::uint64_t> pseudo_random(std::uint64_t state, int n, std::uint64_t top,
                                         std::uint64_t factor = 1) {
  std::vector<std::uint64_t> values;
  for (int i = 0; i < n; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    values.push_back((state >> 33) * factor % top + 1);
  }
  return values;
}

std::vector<std::uint64_t> repeated() {
  std::vector<std::uint64_t> values(1000, 250);
  values.insert(values.end(), 10, 90000);
  return values;
}

std::vector<Reference> references() {
  return {
      {"none", {}, "HISTFAAAABx4nJNpmSzMgADMUJoRRFybvITB/gNEAABQ2gSH", 0, 0, 0, {}},
      {"one",
       {1},
       "HISTFAAAACF4nJNpmSzMwMDAxAABzFCaEURcm7yEwf4DVIAJAFoyBIw=",
       1,
       1,
       1,
       {1, 1, 1, 1, 1}},
      {"small",
       {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
       "HISTFAAAACJ4nJNpmSzMwMDAzQABzFCaEURcm7yEwf4DVIAJDgCFBASn",
       1,
       10,
       5.5,
       {5, 8, 9, 10, 10}},
      {"edges",
       {1, 2047, 2048, 2049, 4095, 4096, 1000000, 3599999999, 3600000000},
       "HISTFAAAADF4nJNpmSzMwMAgyAABzFCaEURcm7yEwf4DVIDppzwTy29+Jqb9dUyL9zCyAADKZQlq",
       1,
       3600809983,
       800059705.2222222,
       {4095, 1000447, 3600809983, 3600809983, 3600809983}},
      {"random",
       pseudo_random(1, 500, 2'000'000),
       "HISTFAAAAhl4nC2SP2sUURTF9/7eey7Dc1jCMiwhLkuQRUIISwhBgkiKFPsJUoiliFhYWIiV2ARELINY"
       "SDrBwlKsRMTCD2Bja+EXECysRM+9M/t25t13/5xz7n1z5ex8Ohqls1H/S8Nu/vp+/mZ0/Kt3XKz4BBfw"
       "OvM882HMl8vM+AfHvK884pvBih/G18xb4xaVV4kTtin8NV4anxN3afljXEXuA+bcl3mdj8aF8c74aSRu"
       "KmfCMxP6Di/cww02+G08ZgpjGh6K9InYBLpgTecIhxyJcia2JIB9RXdkL9DhhHV+IIdxT8Gn3OaOapJY"
       "fBWVmkB3BV1ktXo2xLTLJkupucapTq3OLmWhvZP/VOoPUOo81gwXWpTcKbWR7UqanASyKWssNaZV3KvT"
       "WJEjSvZuJqJzzyR609/Y0rPHKruuJvR48b6naS0DpkpV0lNdluqSsqv0JWWoh9xoxh0a8FRa2sFdBaPa"
       "mSKNGGowtQqtI8FRu5CYIrVEYZI1jrZ8deFZKH7oUNMIWMjwtJifI9SYaooVtKmfRB6HfO+6ke3J0Wch"
       "/CWySkzTC+fEmKrm3rt8Ein3d+VD3xuInavNQtVoG219ZuN3VHNLVGurodV1uCbJGIDosl8TakgHy9k/"
       "QM92SN98NlXxuC0Q5NwnL7IsR3bbvJMlEynYGvgU9G92O95p4C5ht32JcalEA4HkvhLfZgl9/vMcywv+"
       "A3G3Nus=",
       3998,
       1997823,
       1009360.262,
       {989183, 1557503, 1839103, 1974271, 1997823}},
      {"repeated",
       repeated(),
       "HISTFAAAACd4nJNpmSzMwMDAzgABzFCaEURcm7yEwf4DROAz8wX+1iIRAH8tB24=",
       250,
       90047,
       1138.7722772277227,
       {250, 250, 250, 250, 90047}},
  };
}

Histogram of(const std::vector<std::uint64_t>& values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.record(value);
  return histogram;
}

void expect_numbers(const Histogram& histogram, const Reference& reference) {
  EXPECT_EQ(histogram.count(), reference.values.size());
  EXPECT_EQ(histogram.min(), reference.min);
  EXPECT_EQ(histogram.max(), reference.max);
  EXPECT_NEAR(histogram.mean(), reference.mean, 1e-9 * std::max(1.0, reference.mean));
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) {
    EXPECT_EQ(histogram.value_at_quantile(kQuantiles[i]), reference.quantiles[i]) << kQuantiles[i];
  }
}

TEST(Histogram, GivesTheNumbersOfTheReferenceLibrary) {
  for (const Reference& reference : references()) {
    SCOPED_TRACE(reference.name);
    expect_numbers(of(reference.values), reference);
  }
}

TEST(Histogram, WritesTheBytesOfTheReferenceLibrary) {
  for (const Reference& reference : references()) {
    SCOPED_TRACE(reference.name);
    const std::string encoded = of(reference.values).encode();
    EXPECT_EQ(encoded, reference.encoded);
  }
}

TEST(Histogram, ReadsWhatTheReferenceLibraryWrote) {
  for (const Reference& reference : references()) {
    SCOPED_TRACE(reference.name);
    const auto histogram = Histogram::decode(reference.encoded);
    ASSERT_TRUE(histogram) << histogram.error().message;
    expect_numbers(*histogram, reference);
  }
}

TEST(Histogram, ReadsBackCountsOfEverySize) {
  Histogram histogram;
  for (int bit = 0; bit < 62; ++bit) {
    histogram.record(static_cast<std::uint64_t>(bit) * 37 + 1, 1ULL << bit);
  }
  const auto back = Histogram::decode(histogram.encode());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->encode(), histogram.encode());
  EXPECT_EQ(back->count(), histogram.count());
}

TEST(Histogram, MergedEqualsOneThatRecordedAll) {
  const auto first = pseudo_random(7, 300, 50'000);
  const auto second = pseudo_random(8, 700, 4'000'000'000, 2);
  Histogram whole = of(first);
  for (const auto value : second) whole.record(value);
  Histogram merged = of(first);
  merged.merge(of(second));
  EXPECT_EQ(merged.encode(), whole.encode());
  EXPECT_EQ(merged.count(), 1000U);
  EXPECT_EQ(merged.clamped(), whole.clamped());
  EXPECT_GT(merged.clamped(), 0U);
}

TEST(Histogram, CopiesAreIndependent) {
  Histogram first = of({5});
  Histogram second = first;
  second.record(7);
  EXPECT_EQ(first.count(), 1U);
  EXPECT_EQ(second.count(), 2U);
  first = second;
  EXPECT_EQ(first.encode(), second.encode());
}

TEST(Histogram, KeepsThreeSignificantDigitsOverTheWholeRange) {
  for (double exact = 1; exact < 3.6e9; exact *= 1.0137) {
    const auto value = static_cast<std::uint64_t>(exact);
    Histogram histogram;
    histogram.record(value);
    ASSERT_LE(histogram.min(), value);
    ASSERT_GE(histogram.max(), value);
    ASSERT_LE(static_cast<double>(histogram.max() - histogram.min()),
              static_cast<double>(value) / 1000);
  }
}

TEST(Histogram, ClampsWhatIsOutsideAndCountsIt) {
  const Histogram histogram = of({0, 5, Histogram::kHighest + 1, ~0ULL});
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(histogram.clamped(), 3U);
  EXPECT_EQ(histogram.min(), 1U);
  EXPECT_GE(histogram.max(), Histogram::kHighest);
}

TEST(Histogram, CountsUpToAValue) {
  const Histogram histogram = of({1, 10, 10, 100});
  EXPECT_EQ(histogram.count_up_to(0), 0U);
  EXPECT_EQ(histogram.count_up_to(9), 1U);
  EXPECT_EQ(histogram.count_up_to(10), 3U);
  EXPECT_EQ(histogram.count_up_to(~0ULL), 4U);
}

TEST(Histogram, RefusesWhatIsNoHistogram) {
  const std::string good = of({1, 2, 3}).encode();
  std::string other_mark = good;
  other_mark[3] = 'E';
  for (const std::string& text :
       {std::string(), std::string("????"), std::string("AAAA"), other_mark,
        good.substr(0, good.size() / 2), good.substr(0, 12) + good.substr(16)}) {
    const auto histogram = Histogram::decode(text);
    ASSERT_FALSE(histogram) << text;
    EXPECT_EQ(histogram.error().code, base::ErrorCode::kBadInput);
  }
}

TEST(Histogram, SeveralQuantilesAtOnceAreThoseOneByOne) {
  Histogram histogram;
  for (std::uint64_t value = 1; value < 5000; value += 7) histogram.record(value * value);
  const std::vector<double> rising = {0, 0.3, 0.3, 0.9, 0.999, 1};
  const auto values = histogram.values_at_quantiles(rising);
  ASSERT_EQ(values.size(), rising.size());
  for (std::size_t i = 0; i < rising.size(); ++i) {
    EXPECT_EQ(values[i], histogram.value_at_quantile(rising[i])) << rising[i];
  }
  EXPECT_EQ(Histogram().values_at_quantiles(rising), std::vector<std::uint64_t>(rising.size(), 0));
}

}  // namespace
}  // namespace poolbench::stats
