#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/raii.h"
#include "base/temporary_folder_fixture.h"
#include "e2e/program.h"
#include "e2e/toy_bench.h"

namespace poolbench::e2e {

// The words of these tests.
namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A folder of its own for each test, and what most of them do.
class E2eTest : public testing::Test {
 protected:
  E2eTest();

  /// Where --out points to.
  [[nodiscard]] std::filesystem::path results() const { return folder_ / "results"; }

  /// `poolbench ARGUMENTS`, once no other run holds the machine.
  [[nodiscard]] Program start(const std::vector<std::string>& arguments,
                              const std::map<std::string, std::string>& environment = {}) const;
  /// `poolbench run SCENARIO --out results --verbose OPTIONS`, in the same way.
  [[nodiscard]] Program run(const std::filesystem::path& scenario,
                            const std::vector<std::string>& options = {},
                            const std::map<std::string, std::string>& environment = {}) const;
  [[nodiscard]] Program run(const ToyBench& bench,
                            const std::vector<std::string>& options = {}) const;

  /// The file of the only report in results(); fails the test if there is none or more than one.
  [[nodiscard]] std::filesystem::path report_file() const;
  /// Read anew, by poolbench's own reader too, and it must be as the published schema says. What an
  /// earlier call returned stays as it was.
  [[nodiscard]] const base::Json& report() const;
  /// Status and reasons of all trials, in the order in which the report has them.
  [[nodiscard]] static std::vector<std::string> statuses(const base::Json& report);
  [[nodiscard]] static std::string reasons(const base::Json& trial);

  /// No process and no scratch folder of the run is there any more.
  static void expect_nothing_left(
      const Program& program, std::chrono::milliseconds patience = std::chrono::milliseconds(0));

  base::TemporaryFolder folder_{fs::perms(0755)};  ///< PostgreSQL and targets may be other users

 private:
  mutable std::list<base::Json> reports_;
  base::UniqueFd turn_;  ///< tests of several builds on one machine take turns
};

}  // namespace poolbench::e2e
