#include "generator/descriptors.h"

#include <gmock/gmock.h>

#include "base/raii.h"
#include "generator/measuring.h"

namespace poolbench::generator {
namespace {

using testing::HasSubstr;

TEST(Descriptors, ThatTheHardLimitForbidsAreNamedWithWhatToSet) {
  const auto checked = check_descriptors(1000, 2, {64, 1024});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, base::ErrorCode::kBadInput);
  EXPECT_EQ(checked.error().message,
            "1000 connections need 1036 file descriptors, but at most 1024 are allowed");
  EXPECT_THAT(checked.error().next, HasSubstr("ulimit -Hn 1036"));
  EXPECT_TRUE(check_descriptors(1000, 2, {64, 1036})) << "the soft limit can be raised";
  EXPECT_TRUE(check_descriptors(1000, 2, {RLIM_INFINITY, RLIM_INFINITY}));
}

TEST(Descriptors, OfALowSoftLimitAreNoErrorsOfTheServer) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  if (before.rlim_max < 512) GTEST_SKIP() << "the hard limit is low, too";
  const base::ScopeExit restore([&] { ::setrlimit(RLIMIT_NOFILE, &before); });
  const FakeServer server(answer_all);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const report::Measurement m = measure(counted(server, 200, 100));
  EXPECT_EQ(m.requests.ok, 200U) << m.first_error;
  EXPECT_EQ(server.connections(), 100);
}

}  // namespace
}  // namespace poolbench::generator
