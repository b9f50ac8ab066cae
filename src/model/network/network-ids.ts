declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** A network's UUID, dashed, lower case. */
export type NetworkId = Brand<'NetworkId'>;
/** A subnet's UUID, dashed, lower case. */
export type SubnetId = Brand<'SubnetId'>;
/** A port's UUID, dashed, lower case. */
export type PortId = Brand<'PortId'>;
/** A security group's UUID, dashed, lower case. */
export type SecurityGroupId = Brand<'SecurityGroupId'>;
/** Six bytes in lower-case hexadecimal with colons, of a unicast address. */
export type MacAddress = Brand<'MacAddress'>;
