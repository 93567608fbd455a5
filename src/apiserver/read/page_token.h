// Where the next page of a list begins: the `continue` of a list.
#pragma once

#include <string>
#include <string_view>

#include "apiserver/patch/failure.h"
#include "apiserver/storage/object_store.h"

namespace kthena::apiserver {

struct PageToken {
  Version version = 0;  ///< all pages of a list show this one
  ListQuery::Place after;

  std::string print() const;
  /// Errors: 400.
  static Answer<PageToken> parse(std::string_view text);
};

}  // namespace kthena::apiserver
