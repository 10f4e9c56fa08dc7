"""tf.train.Example, the message that a TFRecord of BAIR holds, without TensorFlow.

    message Example   { Features features = 1; }
    message Features  { map<string, Feature> feature = 1; }
    message Feature   { oneof kind { BytesList bytes_list = 1; FloatList float_list = 2;
                                     Int64List int64_list = 3; } }
    message BytesList { repeated bytes value = 1; }
    message FloatList { repeated float value = 1 [packed = true]; }
    message Int64List { repeated int64 value = 1 [packed = true]; }

Field numbers and types are those of tensorflow/core/example/{example,feature}.proto.
"""

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_PACKAGE = "cvae"


def _build_example_class() -> type:
    file = FileDescriptorProto(name="cvae/tf_example.proto", package=_PACKAGE, syntax="proto3")
    lists = {
        "BytesList": FieldDescriptorProto.TYPE_BYTES,
        "FloatList": FieldDescriptorProto.TYPE_FLOAT,
        "Int64List": FieldDescriptorProto.TYPE_INT64,
    }
    for name, kind in lists.items():
        file.message_type.add(name=name).field.add(
            name="value", number=1, type=kind, label=FieldDescriptorProto.LABEL_REPEATED
        )
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, (field, message) in enumerate(
        {"bytes_list": "BytesList", "float_list": "FloatList", "int64_list": "Int64List"}.items(), 1
    ):
        _add_message_field(feature, field, number, message).oneof_index = 0
    features = file.message_type.add(name="Features")
    # What `map<string, Feature>` is on the wire: repeated entries of key and value.
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(
        name="key",
        number=1,
        type=FieldDescriptorProto.TYPE_STRING,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )
    _add_message_field(entry, "value", 2, "Feature")
    entries = _add_message_field(features, "feature", 1, "Features.FeatureEntry")
    entries.label = FieldDescriptorProto.LABEL_REPEATED
    _add_message_field(file.message_type.add(name="Example"), "features", 1, "Features")
    # A pool of one's own: with TensorFlow in the same process there is nothing to clash with.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Example"))


def _add_message_field(
    message: DescriptorProto, name: str, number: int, message_type: str
) -> FieldDescriptorProto:
    return message.field.add(
        name=name,
        number=number,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.{message_type}",
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )


Example = _build_example_class()
