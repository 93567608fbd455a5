// A text that is written when it is first asked for.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace kthena::apiserver {

/// Writes once, keeps the text for good. Thread-safe; who asks while it is written waits.
class LazyText {
 public:
  explicit LazyText(std::function<std::string()> write) : write_(std::move(write)) {}

  /// Never null.
  const std::shared_ptr<const std::string>& text() const;
  /// A hash of the text, as hexadecimal digits.
  const std::string& hash() const;
  /// The hash in quotes.
  std::string etag() const { return '"' + hash() + '"'; }

 private:
  std::function<std::string()> write_;
  mutable std::once_flag once_;
  mutable std::shared_ptr<const std::string> text_;
  mutable std::string hash_;
};

}  // namespace kthena::apiserver
