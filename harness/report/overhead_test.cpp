#include <gtest/gtest.h>

#include "report/report.h"

namespace poolbench::report {
namespace {

TEST(Overhead, LeavesOutWhatIsNotOurs) {
  const std::vector<Phase> phases{
      {"start", 1.5, {{"database", 0.1}, {"boot", 1.0}, {"workers", 0.4}}},
      {"verify", 0.02, {}},
      {"warm-up", 1, {}},
      {"measure", 5, {}},
      {"drain", 0.2, {}},
      {"stop", 0.33, {{"target", 0.3}}}};
  EXPECT_NEAR(overhead_seconds(phases), 0.1 + 0.02 + 0.03, 1e-9);
}

}  // namespace
}  // namespace poolbench::report
