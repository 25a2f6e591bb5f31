using System.Reflection;

namespace Stasis.UnitTests;

/// <summary>Lists what an assembly offers to others, a line for each type and member, sorted.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler makes for every record.
    private static readonly HashSet<string> OfRecords =
        ["<Clone>$", "Deconstruct", "Equals", "GetHashCode", "PrintMembers", "ToString", "op_Equality", "op_Inequality"];

    public static IEnumerable<string> List(Assembly assembly) =>
        assembly.GetExportedTypes().SelectMany(Lines).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Lines(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : (type.IsAbstract, type.IsSealed) switch
            {
                (true, true) => "static class",
                (true, false) => "abstract class",
                (false, true) => "sealed class",
                _ => "class",
            };
        var bases = type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) ? $" : {Name(parent)}" : "";
        yield return $"{Name(type)} ({kind}{bases})";
        foreach (var line in type.GetMembers(Declared).Select(Line).OfType<string>())
            yield return $"{Name(type)}.{line}";
    }

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo field when IsVisible(field.Attributes) && !field.IsSpecialName =>
            field.IsLiteral ? $"{field.Name} = {field.GetRawConstantValue()}" : $"{field.Name}: {Name(field.FieldType)}",
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsVisible) && property.Name != "EqualityContract" =>
            $"{property.Name}: {Name(property.PropertyType)} {{ {string.Join(' ', Accessors(property))} }}",
        ConstructorInfo constructor when IsVisible(constructor) && !IsCopy(constructor) => $"({Parameters(constructor)})",
        MethodInfo method when IsVisible(method) && !IsAccessor(method) && !IsOfRecord(method) =>
            $"{method.Name}{Generic(method)}({Parameters(method)}): {Name(method.ReturnType)}",
        EventInfo @event => $"event {@event.Name}: {Name(@event.EventHandlerType!)}",
        _ => null,
    };

    private static IEnumerable<string> Accessors(PropertyInfo property)
    {
        if (property.GetMethod is { } get && IsVisible(get))
            yield return "get;";
        if (property.SetMethod is { } set && IsVisible(set))
        {
            var isInit = set.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit");
            yield return isInit ? "init;" : "set;";
        }
    }

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType;

    private static bool IsOfRecord(MethodInfo method) =>
        OfRecords.Contains(method.Name) && method.DeclaringType!.GetMethod("<Clone>$", Declared) is not null
        || method.GetBaseDefinition().DeclaringType == typeof(object)
        || method.DeclaringType!.IsValueType && OfRecords.Contains(method.Name);

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{parameter.Name}: {Name(parameter.ParameterType)}{(parameter.HasDefaultValue ? " = default" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[]";
        if (type.IsByRef)
            return $"ref {Name(type.GetElementType()!)}";
        var own = type.DeclaringType is { } outer ? $"{Name(outer)}.{type.Name}"
            : type.Namespace?.StartsWith("Stasis", StringComparison.Ordinal) == true ? $"{type.Namespace}.{type.Name}" : type.Name;
        return type.IsGenericType && own.Contains('`')
            ? $"{own[..own.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : own;
    }
}
