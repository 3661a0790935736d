#include "generator/body_check.h"

#include <gmock/gmock.h>

namespace poolbench::generator {
namespace {

using testing::HasSubstr;

// The complaint about a body that comes in pieces of this size.
std::string complaint(const Expectation& expect, std::string_view contains, std::string_view body,
                      std::size_t piece) {
  BodyCheck check;
  check.begin(expect, contains);
  for (std::size_t i = 0; i < body.size(); i += piece) check.feed(body.substr(i, piece));
  EXPECT_EQ(check.length(), body.size());
  return check.complaint();
}

TEST(BodyCheck, FindsTextHoweverTheBodyIsSplit) {
  const std::string_view body = "aabaabaaabaac";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    for (std::size_t from = 0; from < body.size(); ++from) {
      for (std::size_t length = 1; from + length <= body.size(); ++length) {
        ASSERT_EQ(complaint({}, body.substr(from, length), body, piece), "");
      }
    }
    for (const std::string_view absent : {"bb", "aabaabaaabaaca", "ca", "aaaa", "x"}) {
      ASSERT_THAT(complaint({}, absent, body, piece), HasSubstr("does not contain")) << piece;
    }
  }
}

TEST(BodyCheck, ComparesEveryByteOfTheBody) {
  Expectation expect;
  expect.body = "hello";
  for (std::size_t piece = 1; piece <= 6; ++piece) {
    EXPECT_EQ(complaint(expect, {}, "hello", piece), "");
    for (const std::string_view wrong : {"", "hell", "hello!", "hellx", "xello", "hexlo"}) {
      EXPECT_THAT(complaint(expect, {}, wrong, piece), HasSubstr("differs")) << wrong;
    }
  }
}

TEST(BodyCheck, ComparesTheLength) {
  Expectation expect;
  expect.length = 3;
  EXPECT_EQ(complaint(expect, {}, "abc", 2), "");
  EXPECT_EQ(complaint(expect, {}, "ab", 2), "the body has 2 bytes, not 3");
}

TEST(BodyCheck, ForgetsTheBodyBefore) {
  Expectation expect;
  BodyCheck check;
  check.begin(expect, "ab");
  check.feed("xa");
  check.begin(expect, "ab");
  check.feed("b");
  EXPECT_FALSE(check.is_as_expected());
}

}  // namespace
}  // namespace poolbench::generator
