// Texts kept in files, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace kthena::router::testing {

/// A path may go up from a folder that is not there.
inline std::string read_file(const std::string& path) {
  std::ifstream file(std::filesystem::path(path).lexically_normal());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Compares with the file, or rewrites it if UPDATE_GOLDEN is set.
inline void expect_golden(const std::string& path, const std::string& text) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(std::filesystem::path(path).lexically_normal()) << text;
    return;
  }
  EXPECT_EQ(text, read_file(path)) << path << "; UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace kthena::router::testing
