using System.Reflection;
using System.Reflection.Emit;

namespace Stasis.UnitTests;

/// <summary>Which type of an assembly uses which: bases, fields, signatures, and what the instructions of its methods name.</summary>
internal static class TypeUses
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Static | BindingFlags.Public)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Nested types, and with them lambdas and state machines, count as the type that they are in.</summary>
    public static IEnumerable<(string User, string Used)> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        from used in UsedBy(type).SelectMany(Parts).Select(Outermost)
        where used.FullName is not null && used.Assembly.GetName().Name!.StartsWith("Stasis", StringComparison.Ordinal)
        select (Outermost(type).FullName!, used.FullName!);

    private static IEnumerable<Type> UsedBy(Type type)
    {
        var inherited = type.GetInterfaces().Append(type.BaseType).OfType<Type>();
        var fields = type.GetFields(Declared).Select(field => field.FieldType);
        var methods = type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared));
        return inherited.Concat(fields).Concat(methods.SelectMany(UsedBy));
    }

    private static IEnumerable<Type> UsedBy(MethodBase method)
    {
        foreach (var parameter in method.GetParameters())
            yield return parameter.ParameterType;
        if (method is MethodInfo { ReturnType: var returned })
            yield return returned;
        if (method.GetMethodBody() is not { } body)
            yield break;
        foreach (var local in body.LocalVariables)
            yield return local.LocalType;
        foreach (var member in Members(method, body.GetILAsByteArray()!))
        {
            if ((member as Type ?? member.DeclaringType) is { } type)
                yield return type;
            if (member is MethodInfo { IsGenericMethod: true } generic)
            {
                foreach (var argument in generic.GetGenericArguments())
                    yield return argument;
            }
        }
    }

    private static IEnumerable<MemberInfo> Members(MethodBase method, byte[] il)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? Codes[(short)(0xFE00 | il[at + 1])] : Codes[il[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                yield return method.Module.ResolveMember(BitConverter.ToInt32(il, at), typeArguments, methodArguments)!;
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType
            ? Parts(type.GetElementType()!)
            : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
