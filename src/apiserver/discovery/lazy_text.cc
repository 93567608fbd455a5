#include "apiserver/discovery/lazy_text.h"

#include <memory>
#include <string>

#include "base/hash.h"

namespace kthena::apiserver {

const std::shared_ptr<const std::string>& LazyText::text() const {
  std::call_once(once_, [this] {
    text_ = std::make_shared<const std::string>(write_());
    hash_ = sha256_hex(*text_);
  });
  return text_;
}

const std::string& LazyText::hash() const {
  text();
  return hash_;
}

}  // namespace kthena::apiserver
