"""Between JSON and typed models: codecs by annotation, decoders, open enums, schema drift."""
