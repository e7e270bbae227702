"""What pages say of assemblies: who belongs to them, how they count, and how their decisions end."""
