#include <libxml/xmlversion.h>
// With ICU enabled libxml2's headers drag in those of the system's ICU, which clash with the ICU
// inside Swift's Foundation. Only two fields at the end of a structure that we never see are lost.
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/globals.h>
#include <libxml/xmlreader.h>

// The version of the library in use, such as 20914; Swift cannot read the global variable itself.
static inline const char *libxml2_version(void) { return xmlParserVersion; }

// Frees what the library allocated; Swift cannot use the global function pointer.
static inline void libxml2_free(void *pointer) { xmlFree(pointer); }
