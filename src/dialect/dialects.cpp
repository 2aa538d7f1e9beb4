#include "gatehouse/dialect/dialect.hpp"

namespace gatehouse::dialect {

const Dialect& dialect_of(chat::Vendor vendor) {
    switch (vendor) {
        case chat::Vendor::anthropic:
            return anthropic();
        case chat::Vendor::gemini:
            return gemini();
        case chat::Vendor::openai:
            break;
    }
    return openai();
}

}  // namespace gatehouse::dialect
